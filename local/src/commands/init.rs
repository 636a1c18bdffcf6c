//! `tokenbooth init`.

use std::path::{Path, PathBuf};

use api::{BootError, LogFormat};
use clap::Args;
use model::Moment;
use serde_json::json;
use store::FormerUrl;

use crate::commands::connection::Connection;
use crate::demo::Demo;
use crate::deployment::{Deployment, NewCustomer, Prepared};
use crate::issuer::IssuerUrl;
use crate::private_file::PendingFile;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  Prepare a stack that `sam deploy` made, and write the admin key to admin.json:
    tokenbooth init --table TABLE --issuer https://ID.execute-api.REGION.amazonaws.com --kms-key-id KEY \\
      --deployment NAME --key-file admin.json
  Add a customer:
    tokenbooth init --table TABLE --issuer URL --kms-key-id KEY --customer 'Example Ltd' --key-file example.json
  Prepare a table of a DynamoDB emulator at AWS_ENDPOINT_URL_DYNAMODB, without KMS:
    tokenbooth init --table booth --create-table --issuer http://127.0.0.1:9000 --data-key-file data.key

Region and credentials come from the environment or from a profile, as for the AWS CLI. It may be run again: what
exists stays as it is.")]
pub(crate) struct Init {
    #[command(flatten)]
    connection: Connection,
    /// The deployment's name, for which KMS encrypts a new data key: the stack's output DeploymentName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_DEPLOYMENT")]
    deployment: Option<String>,
    /// The deployment's public URL, the issuer of its tokens: the stack's output PublicUrl
    #[arg(long, value_name = "URL", env = "TOKENBOOTH_ISSUER")]
    issuer: String,
    /// The customer to create, with its admin key; another name adds another customer
    #[arg(long, value_name = "NAME", default_value = "Default")]
    customer: String,
    /// Write the admin key to this file, which only you can read, and not to the screen
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Make the customer active, switch its API on and create a new admin key; for a customer without access
    #[arg(long)]
    restore: bool,
    /// Create the table if it does not exist; for emulators
    #[arg(long)]
    create_table: bool,
    /// Change the issuer of a deployment that has another one; tokens that name the old one stay valid until they expire
    #[arg(long)]
    move_issuer: bool,
    /// Create a demo tenant as well, and write it to this file
    #[arg(long, value_name = "FILE")]
    demo_json: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Init) -> Result<(), BootError> {
    api::log_to_stderr(LogFormat::Text);
    let issuer: IssuerUrl = arguments.issuer.parse().map_err(|error| format!("--issuer {error}"))?;
    // A key is shown once: check that its file can be written before the key is created.
    let key_file = open_pending(arguments.key_file.as_deref(), "--key-file")?;
    let demo_file = open_pending(arguments.demo_json.as_deref(), "--demo-json")?;
    let start = arguments.connection.open(arguments.deployment.as_deref(), None).await?;
    if arguments.create_table && start.table.create_if_absent().await? {
        println!("created the table {}", start.table.name());
    }
    let (deployment, prepared) = Deployment::prepare(&start, issuer.as_str(), arguments.move_issuer).await?;
    report(&prepared, &issuer);
    let created = match arguments.restore {
        true => deployment.restore(&arguments.customer).await?,
        false => deployment.customer(&arguments.customer).await?,
    };
    match created {
        Some(new) => show(&new, &arguments, key_file)?,
        None if arguments.restore => {
            return Err("there is no customer of that name; leave out --restore to create it".into());
        }
        None => println!(
            "the customer {:?} and its admin key exist; nothing changed (--restore creates a new key)",
            arguments.customer
        ),
    }
    if let Some(file) = demo_file {
        file.write(&Demo::create(&deployment, issuer.as_str()).await?.text())?;
        println!("created a demo tenant");
    }
    Ok(())
}

fn open_pending<'p>(path: Option<&'p Path>, option: &str) -> Result<Option<PendingFile<'p>>, BootError> {
    let opened = path.map(PendingFile::open).transpose();
    opened.map_err(|error| format!("{option}: {error}").into())
}

fn report(prepared: &Prepared, issuer: &IssuerUrl) {
    let line = |is_new, what: &str| {
        println!("{} {what}", if is_new { "created" } else { "exists, left as it is:" });
    };
    line(prepared.data_key, "the data key");
    line(prepared.signing_keys, "the signing keys");
    if let Some((algorithms, from)) = &prepared.added_keys {
        let names: Vec<_> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
        println!(
            "created a signing key for {}; it signs from {} on",
            names.join(" and "),
            Moment::from(*from)
        );
    }
    let Some(former) = &prepared.former_issuers else { return };
    println!("the issuer is now {issuer}");
    for FormerUrl { url, accepted_until } in former {
        println!("tokens of {url} are accepted until {}", Moment::from(*accepted_until));
    }
}

/// Prints the admin key or writes it to its file. It is shown only this once.
fn show(new: &NewCustomer, arguments: &Init, file: Option<PendingFile<'_>>) -> Result<(), BootError> {
    let NewCustomer { customer, admin_key } = new;
    let done = if arguments.restore { "restored" } else { "created" };
    println!("{done} the customer {:?}: {}", arguments.customer, customer.id);
    let key = format!("{:#}\n", json!(admin_key));
    match file {
        Some(file) => {
            file.write(&key)?;
            println!("its admin key is in the file that --key-file names, and nowhere else");
        }
        None => print!("its admin key, shown only this once:\n{key}"),
    }
    Ok(())
}
