//! `tokenbooth restore`.

use std::process::ExitCode;

use api::{BootError, LogFormat, Start};
use clap::Args;
use model::Moment;
use store::{
    Comparison, DeploymentKeys, Difference, Directory, FieldDifference, Inspection, Lookup, Since, Table,
};

use crate::commands::connection::Connection;

/// The exit code if the copy can be used, and differs from the table that it was copied from.
const DIFFERS: u8 = 3;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Check a copy that DynamoDB restored from a point in time:
    tokenbooth restore --table COPY --kms-key-id KEY
  And list every change since, which the copy undoes, and carry over what was revoked since:
    tokenbooth restore --table COPY --kms-key-id KEY --current TABLE

Exit codes: 0, 1 if the copy cannot be used, 3 if it can be used and --current lists changes.
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

pub(crate) async fn run(arguments: Restore) -> Result<ExitCode, BootError> {
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
    let Some(name) = &arguments.current else {
        println!(
            "every change after the copy's time is undone, also what ended something; --current lists them"
        );
        println!("this copy can be used; docs/operations.md has the next steps");
        return Ok(ExitCode::SUCCESS);
    };
    let current = Table::new(start.table.client().clone(), name);
    let differences = report_comparison(&start.table.compare_copy(&current).await?);
    if differences == 0 {
        println!("this copy can be used; docs/operations.md has the next steps");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "this copy can be used, and {differences} things in it are as they were before; docs/operations.md says how to change \
         them again"
    );
    Ok(ExitCode::from(DIFFERS))
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
    let count = inspection.unreadable.len();
    if count > 0 {
        println!("{count} items do not open:");
        inspection.unreadable.iter().for_each(|item| println!("  {item}"));
    }
}

/// Prints every difference, because nothing else shows it. Returns their number.
fn report_comparison(comparison: &Comparison) -> usize {
    for (kind, differences) in &comparison.differences {
        println!("{kind}: {} changed after the copy's time", differences.len());
        for difference in differences {
            let owners: String = difference.owners.iter().map(|owner| format!(" of {owner}")).collect();
            for change in describe(difference) {
                println!("  {}{owners}: {change}", difference.id);
            }
        }
    }
    let all = || comparison.differences.values().flatten();
    let count = |is_counted: fn(&Since) -> bool| all().filter(|it| is_counted(&it.since)).count();
    println!(
        "after the copy's time {} were deleted, {} were changed, {} were created; carried over {} revocations of tokens",
        count(|since| matches!(since, Since::Deleted)),
        count(|since| matches!(since, Since::Changed(_))),
        count(|since| matches!(since, Since::Created)),
        comparison.revocations,
    );
    all().count()
}

fn describe(difference: &Difference) -> Vec<String> {
    match &difference.since {
        Since::Deleted => vec!["was deleted, and is in the copy: delete it again".to_owned()],
        Since::Created => {
            vec!["was created, and is not in the copy: create it again if it is needed".to_owned()]
        }
        Since::Changed(fields) if fields.is_empty() => {
            vec!["was changed; if an encrypted value differs, the copy has the old one".to_owned()]
        }
        Since::Changed(fields) => fields.iter().map(describe_field).collect(),
    }
}

fn describe_field(difference: &FieldDifference) -> String {
    match difference {
        FieldDifference::Value { field, values: Some((copy, now)) } => {
            format!("{field} is {copy} in the copy, and {now} now: set it again")
        }
        FieldDifference::Value { field, values: None } => format!("{field} was changed: set it again"),
        FieldDifference::Removed { field, part } => {
            format!("{field} has {part} in the copy, and not now: remove it again")
        }
        FieldDifference::Added { field, part } => {
            format!("{field} has {part} now, and not in the copy: add it again if it is needed")
        }
    }
}
