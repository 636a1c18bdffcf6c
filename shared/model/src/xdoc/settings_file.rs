//! The settings file that a project's owner downloads to build tokens without a server. It contains the keys
//! (X10).

use crypto::{CryptoError, Iv, KeyBits, Mode, Padding, Secret, TokenKey};
use serde::{Deserialize, Serialize};

use crate::{
    AppKeys, Name, OpenTokenSet, ProjectId, Scheme, SecurityContext, SecurityTokenRule, TokenSecrets,
    TokenSet, TokenSettings, TokenWindow,
};

/// The downloaded file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectFile {
    /// The project's id.
    pub project_id: ProjectId,
    /// The security context.
    #[serde(default)]
    pub security_context: SecurityContext,
    /// Whether security tokens are required.
    #[serde(default)]
    pub security_token: SecurityTokenRule,
    /// The accepted range of `GenDT`.
    #[serde(default)]
    pub gen_dt: TokenWindow,
    /// The token sets.
    pub token_sets: Vec<TokenSetFile>,
}

/// A token set in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSetFile {
    /// The name.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// Whether the token set is active.
    pub active: bool,
    /// The cipher, which is always AES.
    #[serde(default)]
    pub cipher: Cipher,
    /// The size of the key.
    pub key_bits: KeyBits,
    /// The mode.
    pub mode: Mode,
    /// How the last block is filled in CBC and ECB.
    #[serde(default)]
    pub padding: Padding,
    /// The key, in Base64 or hex.
    pub key: KeyText,
    /// The IV of CBC.
    #[serde(default)]
    pub iv: Option<Iv>,
    /// The app keys.
    #[serde(default)]
    pub app_keys: AppKeys,
}

/// The cipher. AES is the only one (X1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cipher {
    /// AES.
    #[default]
    #[serde(rename = "AES")]
    Aes,
}

/// An AES key as text. `Debug` hides it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct KeyText(Secret);

impl From<String> for KeyText {
    fn from(text: String) -> Self {
        Self(Secret::from(text))
    }
}

impl From<KeyText> for String {
    fn from(key: KeyText) -> Self {
        key.0.reveal().to_owned()
    }
}

impl ProjectFile {
    /// The settings without the token sets. [`TokenSetFile::open`] opens each token set.
    #[must_use]
    pub fn settings(&self) -> TokenSettings {
        TokenSettings {
            security_context: self.security_context.clone(),
            security_token: self.security_token,
            gen_dt: self.gen_dt,
            ..TokenSettings::default()
        }
    }
}

impl TokenSetFile {
    /// The file entry of a stored token set, with its secrets in clear.
    #[must_use]
    pub fn new(set: &TokenSet, secrets: &TokenSecrets) -> Self {
        let Scheme { mode, key_bits, padding, iv } = set.scheme.clone();
        Self {
            name: set.name.clone(),
            active: set.active,
            cipher: Cipher::Aes,
            key_bits,
            mode,
            padding,
            key: secrets.key.reveal_text().to_string().into(),
            iv,
            app_keys: secrets.app_keys.clone(),
        }
    }

    /// Prepares the token set to encrypt and decrypt tokens.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key has another size, or if the settings are invalid.
    pub fn open(&self) -> Result<OpenTokenSet, CryptoError> {
        let Self { mode, key_bits, padding, .. } = *self;
        let key = TokenKey::parse(self.key.0.reveal(), key_bits)?;
        let cipher = Scheme { mode, key_bits, padding, iv: self.iv.clone() }.cipher(&key)?;
        Ok(OpenTokenSet { cipher, padding, app_keys: self.app_keys.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto::{DataKey, DataKeys};
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn x10_a_downloaded_token_set_decrypts_tokens_of_the_stored_one() {
        let data_keys = DataKeys::new(DataKey::new(&[7; 32]).unwrap(), Vec::new());
        let key = TokenKey::generate(KeyBits::Aes256).unwrap();
        let secrets = TokenSecrets { key, app_keys: serde_json::from_value(json!(["an app key"])).unwrap() };
        let name = Name::try_from("main".to_owned()).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let stored =
            TokenSet::new(name, Scheme::default(), &secrets, (&data_keys, "project#1"), now).unwrap();
        let text = serde_json::to_string(&TokenSetFile::new(&stored, &secrets)).unwrap();
        let file: TokenSetFile = serde_json::from_str(&text).unwrap();
        let token = stored.open(&data_keys, "project#1").unwrap().cipher.seal(b"plain").unwrap();
        assert_eq!(&**file.open().unwrap().cipher.open(&token).into_plaintext().unwrap(), b"plain");
        assert_eq!(file.app_keys[0].reveal(), "an app key");
        let shown = format!("{file:?}");
        assert!(!shown.contains("an app key") && !shown.contains(file.key.0.reveal()), "{shown}");
    }

    #[test]
    fn x10_a_project_file_contains_the_settings() {
        let file: ProjectFile = serde_json::from_value(json!({
            "project_id": "project-0195f3a0-1111-7222-8333-444455556666",
            "security_context": { "value": "MyContext", "required": true },
            "security_token": { "required": false },
            "gen_dt": { "past_seconds": 30, "future_seconds": 6 },
            "token_sets": [{
                "name": "main", "active": true, "cipher": "AES", "key_bits": 128, "mode": "CBC", "padding": "PKCS7",
                "key": "00112233445566778899aabbccddeeff", "iv": "12345678", "app_keys": ["one"],
            }],
        }))
        .unwrap();
        let settings = file.settings();
        assert!(settings.security_context.required && !settings.security_token.required);
        assert_eq!(settings.gen_dt.past_seconds.as_duration().as_secs(), 30);
        assert!(file.token_sets[0].open().is_ok());
        let other = TokenSetFile { key_bits: KeyBits::Aes256, ..file.token_sets[0].clone() };
        assert_eq!(other.open().unwrap_err(), CryptoError::Key);
    }
}
