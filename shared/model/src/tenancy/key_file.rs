//! The downloadable file of an API key (K1).

use crypto::{EncodedKey, Secret};
use serde::{Deserialize, Serialize};

use crate::ClientId;

/// The file that an API key's owner downloads (K1). `Debug` shows only the client id.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyFile {
    /// The client id.
    pub app_client_id: ClientId,
    /// The client secret.
    pub app_client_secret: String,
    /// Base64 of `clientId:clientSecret`.
    pub encoded_key: String,
}

impl KeyFile {
    /// The file of the key with that client id and secret.
    #[must_use]
    pub fn new(client_id: ClientId, secret: &Secret) -> Self {
        let encoded_key = EncodedKey::encode(client_id.as_str(), secret).reveal().to_owned();
        Self { app_client_id: client_id, app_client_secret: secret.reveal().to_owned(), encoded_key }
    }
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile").field("app_client_id", &self.app_client_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k1_a_key_file_has_three_members_and_hides_two_in_debug_output() {
        let client: ClientId = "a".repeat(26).parse().unwrap();
        let file = KeyFile::new(client.clone(), &Secret::from("hunter2".to_owned()));
        let expected = serde_json::json!({
            "appClientId": client,
            "appClientSecret": "hunter2",
            "encodedKey": EncodedKey::encode(client.as_str(), &Secret::from("hunter2".to_owned())).reveal(),
        });
        assert_eq!(serde_json::to_value(&file).unwrap(), expected);
        let shown = format!("{file:?}");
        assert!(!shown.contains("hunter2") && !shown.contains(&file.encoded_key), "{shown}");
    }
}
