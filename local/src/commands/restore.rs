//! `tokenbooth restore`.

use api::{BootError, LogFormat, Start};
use clap::Args;
use model::Moment;
use store::{DeploymentKeys, Directory, Inspection, Lookup, Returned, Table};

use crate::commands::connection::Connection;

/// How many of several items are printed.
const PRINTED: usize = 50;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Check a copy that DynamoDB restored from a point in time:
    tokenbooth restore --table COPY --kms-key-id KEY
  And show what came back with it, and carry over what was revoked since:
    tokenbooth restore --table COPY --kms-key-id KEY --current TABLE

docs/operations.md has the steps of a restore.")]
pub(crate) struct Restore {
    #[command(flatten)]
    connection: Connection,
    /// The name of the table that this is a copy of, if its data key was never rotated
    #[arg(long, value_name = "NAME")]
    original_table: Option<String>,
    /// The table that the copy was made of, if it still exists
    #[arg(long, value_name = "NAME")]
    current: Option<String>,
}

pub(crate) async fn run(arguments: Restore) -> Result<(), BootError> {
    api::log_to_stderr(LogFormat::Text);
    let start = arguments.connection.open(None, arguments.original_table.as_deref()).await?;
    let keys = DeploymentKeys::open(&start.data_key, &start.table, start.clock.now()).await?;
    println!("the data key opens");
    let inspection = start.table.inspect(&keys.data_keys()).await?;
    report(&inspection);
    if !inspection.unreadable.is_empty() {
        return Err("this copy cannot be used: some of its values do not open".into());
    }
    let issuer = check_signing_keys(&start).await?;
    println!("the signing keys open; tokens have the issuer {issuer}");
    if start.table.enable_ttl_if_off().await? {
        println!("switched TTL on, which a restored table does not have");
    }
    match &arguments.current {
        Some(name) => {
            let current = Table::new(start.table.client().clone(), name);
            report_returned(&start.table.compare_copy(&current).await?);
        }
        None => println!(
            "keys that were deleted and tokens that were revoked after the copy's time are valid again; --current lists them"
        ),
    }
    println!("this copy can be used; docs/operations.md has the next steps");
    Ok(())
}

async fn check_signing_keys(start: &Start) -> Result<String, BootError> {
    let lookups = [Lookup::SigningKeys, Lookup::Issuer];
    let now = start.clock.now();
    let directory =
        Directory::open(start.table.clone(), &start.data_key, start.cache, lookups.clone(), now).await?;
    let mut view = directory.view(now);
    view.fetch(lookups).await?;
    Ok(view.issuer()?.url.clone())
}

fn report(inspection: &Inspection) {
    for (kind, count) in &inspection.items {
        println!("{count:>8} {kind}");
    }
    if let Some(time) = inspection.newest_record {
        println!("the newest audit record is of {}", Moment::from(time));
    }
    println!("{} items have secrets that open", inspection.opened);
    print_some("do not open", inspection.unreadable.iter());
}

fn report_returned(returned: &Returned) {
    print_some("were deleted after the copy's time and work again", returned.deleted.iter());
    print_some("were disabled after the copy's time and work again", returned.disabled.iter());
    println!("carried over {} revocations of tokens", returned.revocations);
}

fn print_some<'t>(what: &str, items: impl ExactSizeIterator<Item = &'t String>) {
    let count = items.len();
    if count > 0 {
        println!("{count} items {what}:");
        items.take(PRINTED).for_each(|item| println!("  {item}"));
    }
}
