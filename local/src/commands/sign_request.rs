//! `tokenbooth sign-request`.

use std::path::{Path, PathBuf};

use api::{BootError, Clock};
use clap::Args;
use crypto::{Secret, sign_request};
use model::ClientId;
use serde_json::Value;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  The headers of the demo tenant's key:
    tokenbooth sign-request
  A request of a downloaded key:
    curl $(tokenbooth sign-request --curl --key-file key.json) https://tokens.example.com/admin/v1/entities
  A key that is not in a file:
    TOKENBOOTH_CLIENT_SECRET=SECRET tokenbooth sign-request --client-id ID

The headers are valid for 300 seconds.")]
pub(crate) struct SignRequest {
    /// A downloaded key file, or a demo.json
    #[arg(long, value_name = "FILE", default_value = ".tokenbooth/demo.json")]
    key_file: PathBuf,
    /// The key of a demo.json: api_key, admin_key or launchpad_key
    #[arg(long, value_name = "NAME", default_value = "api_key")]
    key: String,
    /// The client id, instead of a key file
    #[arg(long, value_name = "ID", requires = "client_secret", conflicts_with = "key_file")]
    client_id: Option<String>,
    /// The client secret; use the environment variable where others can see your command line
    #[arg(long, value_name = "SECRET", env = "TOKENBOOTH_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// The timestamp, in Unix seconds; the default is now
    #[arg(long, value_name = "SECONDS")]
    timestamp: Option<u64>,
    /// Print the headers as options for curl
    #[arg(long)]
    curl: bool,
}

pub(crate) fn run(arguments: &SignRequest) -> Result<(), BootError> {
    let (id, secret) = match (&arguments.client_id, &arguments.client_secret) {
        (Some(id), Some(secret)) => (id.clone(), Secret::from(secret.clone())),
        _ => read_key(&arguments.key_file, &arguments.key)?,
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
    for (name, value) in headers {
        if arguments.curl {
            println!("-H {name}:{value}");
        } else {
            println!("{name}: {value}");
        }
    }
    Ok(())
}

/// The client id and the secret of a downloaded key file (K1), or of one key in a demo.json.
fn read_key(path: &Path, name: &str) -> Result<(String, Secret), BootError> {
    let shown = path.display();
    let text = std::fs::read(path).map_err(|error| {
        format!("cannot read {shown}: {error}; name a key file with --key-file, or start a booth first")
    })?;
    let file: Value = serde_json::from_slice(&text).map_err(|_| format!("{shown} is not JSON"))?;
    let key = file.get(name).unwrap_or(&file);
    match (key["appClientId"].as_str(), key["appClientSecret"].as_str()) {
        (Some(id), Some(secret)) => Ok((id.to_owned(), Secret::from(secret.to_owned()))),
        _ => Err(format!(
            "{shown} is not a key file and has no {name}; a demo.json has api_key, admin_key and launchpad_key"
        )
        .into()),
    }
}
