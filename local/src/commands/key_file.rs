//! Reads an API key from a downloaded key file (K1), or one of the keys in a demo.json.

use std::path::Path;

use api::BootError;
use crypto::Secret;
use serde_json::Value;

/// The file with the keys of the local booth's demo tenant.
pub(crate) const DEMO_FILE: &str = ".tokenbooth/demo.json";

/// An API key that was read from a file.
#[derive(Debug)]
pub(crate) struct StoredKey {
    pub(crate) client_id: String,
    pub(crate) secret: Secret,
    /// The URL of its booth, which only a demo.json has.
    pub(crate) booth: Option<String>,
}

impl StoredKey {
    /// Reads the key file, or the key of that name in a demo.json. The error never contains the file's text.
    pub(crate) fn read(path: &Path, name: &str) -> Result<Self, BootError> {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| {
            format!("cannot read {shown}: {error}; name a key file with --key-file, or start a booth first")
        })?;
        let file: Value = serde_json::from_slice(&text).map_err(|_| format!("{shown} is not JSON"))?;
        let key = file.get(name).unwrap_or(&file);
        let text_of = |value: &Value| value.as_str().map(str::to_owned);
        match (text_of(&key["appClientId"]), text_of(&key["appClientSecret"])) {
            (Some(client_id), Some(secret)) => {
                Ok(Self { client_id, secret: Secret::from(secret), booth: file.get("url").and_then(text_of) })
            }
            _ => Err(format!(
                "{shown} is not a key file and has no {name}; a demo.json has api_key, admin_key and launchpad_key"
            )
            .into()),
        }
    }
}
