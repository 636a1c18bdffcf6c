//! `tokenbooth sign-request`.

use std::path::PathBuf;

use api::{BootError, Clock};
use clap::Args;
use crypto::{Secret, sign_request};
use model::ClientId;

use crate::commands::key_file::{DEMO_FILE, StoredKey};
use crate::private_file;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  The headers of the demo tenant's key:
    tokenbooth sign-request
  A request of a downloaded key:
    tokenbooth sign-request --curl --key-file key.json | curl -X POST -K - \\
      https://tokens.example.com/v1/accounts/ACCOUNT/secure-anonymous/PROVIDER/tokens
  A key that is not in a file:
    TOKENBOOTH_CLIENT_SECRET=SECRET tokenbooth sign-request --client-id ID

The headers are valid for 300 seconds.")]
pub(crate) struct SignRequest {
    /// A downloaded key file, or a demo.json
    #[arg(long, value_name = "FILE", default_value = DEMO_FILE)]
    key_file: PathBuf,
    /// The key of a demo.json: api_key, admin_key or launchpad_key
    #[arg(long, value_name = "NAME", default_value = "api_key")]
    key: String,
    /// The client id of the secret in TOKENBOOTH_CLIENT_SECRET, instead of a key file
    #[arg(long, value_name = "ID", conflicts_with = "key_file")]
    client_id: Option<String>,
    /// The timestamp, in Unix seconds; the default is now
    #[arg(long, value_name = "SECONDS")]
    timestamp: Option<u64>,
    /// Print the headers as settings for `curl -K -`
    #[arg(long)]
    curl: bool,
    /// Write them to this file, which only you can read, and not to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &SignRequest) -> Result<(), BootError> {
    let (id, secret) = match &arguments.client_id {
        Some(id) => (id.clone(), secret_in_environment()?),
        None => {
            let key = StoredKey::read(&arguments.key_file, &arguments.key)?;
            (key.client_id, key.secret)
        }
    };
    let client_id: ClientId = id.parse().map_err(|_| "the client id must be 26 characters of a-z and 2-7")?;
    let now = Clock::system().now().as_second();
    let timestamp = arguments.timestamp.map_or(now.to_string(), |given| given.to_string());
    let signature = sign_request(&secret, &timestamp, client_id.as_str());
    let headers = [
        ("X-Frame-ClientId", client_id.as_str()),
        ("X-Frame-Timestamp", &timestamp),
        ("X-Frame-Signature", &signature),
    ];
    let line = |(name, value): &(&str, &str)| match arguments.curl {
        true => format!("header = \"{name}: {value}\"\n"),
        false => format!("{name}: {value}\n"),
    };
    let text: String = headers.iter().map(line).collect();
    match &arguments.output {
        Some(path) => private_file::write(path, &text).map_err(|error| format!("--output: {error}"))?,
        None => print!("{text}"),
    }
    Ok(())
}

/// The secret is not an option, because other users of the machine can read a command line.
fn secret_in_environment() -> Result<Secret, BootError> {
    const NAME: &str = "TOKENBOOTH_CLIENT_SECRET";
    Ok(Secret::from(std::env::var(NAME).map_err(|_| format!("set {NAME} to the secret of --client-id"))?))
}
