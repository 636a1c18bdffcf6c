//! `tokenbooth init`.

use std::path::PathBuf;

use api::{BootError, Clock, LogFormat, RateLimits, Start};
use clap::Args;
use model::SignedDuration;
use serde_json::json;
use store::{DataKeyFile, DataKeySource, Table};

use crate::demo::Demo;
use crate::deployment::{Deployment, NewCustomer, Prepared};
use crate::private_file::Pending;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The table, as the stack's output TableName says
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_TABLE")]
    table: String,
    /// The deployment's URL, as the stack's output ApiUrl says: the issuer of its tokens
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The KMS key that wraps the data key, as the stack's output KmsKeyArn says
    #[arg(long, value_name = "ID", required_unless_present = "data_key_file")]
    kms_key_id: Option<String>,
    /// Keep the data key in this file in place of KMS; for emulators
    #[arg(long, value_name = "FILE", env = "TOKENBOOTH_DATA_KEY_FILE", conflicts_with = "kms_key_id")]
    data_key_file: Option<PathBuf>,
    /// The customer to make, with its admin key; give another name to add another customer
    #[arg(long, value_name = "NAME", default_value = "Default")]
    customer: String,
    /// Write the new customer's admin key to this file, readable by you alone, and not to the screen
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Put the customer back to work: active, API switch on, with a new admin key; for who has locked itself out
    #[arg(long)]
    restore: bool,
    /// Make the table if it is not there; for emulators
    #[arg(long)]
    create_table: bool,
    /// Change the issuer of a deployment that has another one; ends every token in use
    #[arg(long)]
    move_issuer: bool,
    /// Make a demo tenant as well, and write it to this file
    #[arg(long, value_name = "FILE")]
    demo_json: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Init) -> Result<(), BootError> {
    api::log_to_stderr(LogFormat::Text);
    let issuer = issuer(&arguments.issuer)?;
    // Keys are shown once: where they go must be writable before they are made.
    let key_file = arguments.key_file.as_deref().map(Pending::open).transpose()?;
    let demo_file = arguments.demo_json.as_deref().map(Pending::open).transpose()?;
    let start = start(&arguments).await;
    if arguments.create_table && start.table.create_if_absent().await? {
        println!("made the table {}", start.table.name());
    }
    let (deployment, prepared) = Deployment::prepare(&start, issuer, arguments.move_issuer).await?;
    say(prepared, issuer);
    let made = match arguments.restore {
        true => deployment.restore(&arguments.customer).await?,
        false => deployment.customer(&arguments.customer).await?,
    };
    match made {
        Some(new) => hand_over(&new, &arguments, key_file)?,
        None if arguments.restore => {
            return Err("there is no customer of that name; leave out --restore to make it".into());
        }
        None => println!(
            "the customer {:?} and its admin key are there; nothing changed (--restore makes a new key)",
            arguments.customer
        ),
    }
    if let Some(file) = demo_file {
        file.write(&Demo::create(&deployment, issuer).await?.text())?;
        println!("made a demo tenant");
    }
    Ok(())
}

async fn start(arguments: &Init) -> Start {
    let config = api::sdk_config().await;
    let data_key = match &arguments.data_key_file {
        Some(path) => DataKeySource::File(DataKeyFile::at(path)),
        None => DataKeySource::Kms {
            client: aws_sdk_kms::Client::new(&config),
            key_id: arguments.kms_key_id.clone(),
        },
    };
    let table = Table::new(aws_sdk_dynamodb::Client::new(&config), &arguments.table);
    Start {
        table,
        data_key,
        cache: SignedDuration::ZERO,
        rate_limits: RateLimits::Off,
        clock: Clock::system(),
    }
}

/// An issuer is a URL without a slash at its end, query or fragment (RFC 8414, section 2).
fn issuer(text: &str) -> Result<&str, BootError> {
    let url = text.trim_end_matches('/');
    let fits =
        ["https://", "http://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    if fits && !url.contains(['?', '#', ' ']) {
        Ok(url)
    } else {
        Err("--issuer must be an http or https URL".into())
    }
}

fn say(prepared: Prepared, issuer: &str) {
    let line = |made, what: &str| {
        println!("{} {what}", if made { "made" } else { "found, left as it is:" });
    };
    line(prepared.data_key, "the data key");
    line(prepared.signing_keys, "the signing keys");
    if prepared.issuer {
        println!("the issuer is now {issuer}");
    }
}

/// The admin key leaves here, once.
fn hand_over(new: &NewCustomer, arguments: &Init, file: Option<Pending<'_>>) -> Result<(), BootError> {
    let NewCustomer { customer, admin_key } = new;
    let done = if arguments.restore { "restored" } else { "made" };
    println!("{done} the customer {:?}: {}", arguments.customer, customer.id);
    let key = format!("{:#}\n", json!(admin_key));
    match file {
        Some(file) => {
            file.write(&key)?;
            println!("its admin key is in the file you named, and stored nowhere else");
        }
        None => print!("its admin key, shown this once:\n{key}"),
    }
    Ok(())
}
