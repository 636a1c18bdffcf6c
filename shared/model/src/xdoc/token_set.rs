//! Token sets: the AES keys of a project (X1, X5).

use crypto::{CryptoError, DataKeys, Padding, Sealed, TokenCipher, TokenKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::bounded_list::bounded_list;
use crate::{AppKeys, Name, Scheme, TokenSetId};

/// A stored token set (X1). The cipher is always AES.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSet {
    /// `token-set-<uuid>`.
    pub id: TokenSetId,
    /// The name, unique in the project.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// An inactive token set stays stored. It neither builds nor verifies tokens.
    pub active: bool,
    /// How the token set uses AES.
    pub scheme: Scheme,
    /// The encrypted key and app keys.
    pub secrets: Sealed,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the token set was created.
    pub created_at: Timestamp,
    /// When the token set was last changed.
    pub updated_at: Timestamp,
}

impl TokenSet {
    /// A new active token set. Its secrets are sealed for `place`, the item in which the project is stored.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn new(
        name: Name,
        scheme: Scheme,
        secrets: &TokenSecrets,
        (data_keys, place): (&DataKeys, &str),
        now: Timestamp,
    ) -> Result<Self, CryptoError> {
        let id = TokenSetId::new(now);
        let sealed = secrets.seal(id, data_keys, place)?;
        Ok(Self {
            id,
            name,
            active: true,
            scheme,
            secrets: sealed,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Decrypts the secrets, which were sealed for `place`.
    ///
    /// # Errors
    /// [`CryptoError::Open`], [`CryptoError::Key`].
    pub fn reveal(&self, data_keys: &DataKeys, place: &str) -> Result<TokenSecrets, CryptoError> {
        let text = data_keys.open(&self.secrets, &place_of_set(self.id, place))?;
        let read: SecretsText = serde_json::from_slice(&text).map_err(|_| CryptoError::Open)?;
        let key = TokenKey::parse(&Zeroizing::new(read.key), self.scheme.key_bits)?;
        Ok(TokenSecrets { key, app_keys: read.app_keys })
    }

    /// Prepares the token set to encrypt and decrypt tokens.
    ///
    /// # Errors
    /// [`CryptoError::Open`], [`CryptoError::Key`].
    pub fn open(&self, data_keys: &DataKeys, place: &str) -> Result<OpenTokenSet, CryptoError> {
        let TokenSecrets { key, app_keys } = self.reveal(data_keys, place)?;
        Ok(OpenTokenSet { cipher: self.scheme.cipher(&key)?, padding: self.scheme.padding, app_keys })
    }
}

/// A token set that is ready to encrypt and decrypt tokens.
#[derive(Debug)]
pub struct OpenTokenSet {
    /// The cipher.
    pub cipher: TokenCipher,
    /// How the last block is filled in CBC and ECB.
    pub padding: Padding,
    /// The accepted app keys.
    pub app_keys: AppKeys,
}

/// The secrets of a token set.
#[derive(Debug, Clone)]
pub struct TokenSecrets {
    /// The AES key.
    pub key: TokenKey,
    /// The app keys.
    pub app_keys: AppKeys,
}

impl TokenSecrets {
    /// Encrypts the secrets for the token set `id` in the item `place`.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, id: TokenSetId, data_keys: &DataKeys, place: &str) -> Result<Sealed, CryptoError> {
        let text = SecretsText { key: self.key.reveal_text().to_string(), app_keys: self.app_keys.clone() };
        let json = Zeroizing::new(serde_json::to_vec(&text).map_err(|_| CryptoError::Seal)?);
        data_keys.seal(&json, &place_of_set(id, place))
    }
}

/// The sealed secrets as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsText {
    key: String,
    app_keys: AppKeys,
}

/// Binds the secrets to one token set, so that they do not open in another token set of the same project.
fn place_of_set(id: TokenSetId, place: &str) -> String {
    format!("{place}|{id}")
}

/// The one of `sets` that builds a token if the request names none: the first one whose mode authenticates (GCM or
/// JWE), or else the first one (X9). A mode without authentication is used only where a project has no other, or asks
/// for it.
pub fn default_token_set<T>(
    sets: impl IntoIterator<Item = T>,
    mode: impl Fn(&T) -> crypto::Mode,
) -> Option<T> {
    sets.into_iter().min_by_key(|set| !mode(set).is_authenticated())
}

bounded_list!(
    /// Up to five token sets with different names (X1).
    TokenSets,
    TokenSet,
    TokenSets::MAX_LENGTH,
    |sets| (1..sets.len()).all(|at| {
        let (before, rest) = sets.split_at(at);
        let name = rest.first().map(|set| set.name.folded());
        before.iter().all(|set| Some(set.name.folded()) != name)
    }),
    "must be at most 5 token sets with different names"
);

impl TokenSets {
    /// The maximum number of token sets of one project. Each token is tried with every active one.
    pub const MAX_LENGTH: usize = 5;
}

impl PartialEq for TokenSets {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto::{DataKey, KeyBits, Mode};
    use serde_json::json;

    fn name(text: &str) -> Name {
        Name::try_from(text.to_owned()).unwrap()
    }

    fn secrets() -> TokenSecrets {
        let app_keys = serde_json::from_value(json!(["an app key"])).unwrap();
        TokenSecrets { key: TokenKey::generate(KeyBits::Aes256).unwrap(), app_keys }
    }

    fn set(set_name: &str, data_keys: &DataKeys) -> TokenSet {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        TokenSet::new(name(set_name), Scheme::default(), &secrets(), (data_keys, "project#1"), now).unwrap()
    }

    #[test]
    fn x1_a_token_set_opens_only_at_its_place_and_hides_its_secrets() {
        let data_keys = DataKeys::new(DataKey::new(&[7; 32]).unwrap(), Vec::new());
        let (one, other) = (set("one", &data_keys), set("other", &data_keys));
        let opened = one.open(&data_keys, "project#1").unwrap();
        assert_eq!(opened.app_keys[0].reveal(), "an app key");
        assert_eq!(one.reveal(&data_keys, "project#2").unwrap_err(), CryptoError::Open);
        let swapped = TokenSet { secrets: other.secrets, ..one.clone() };
        assert_eq!(swapped.open(&data_keys, "project#1").unwrap_err(), CryptoError::Open);
        let stored = serde_json::to_string(&one).unwrap();
        assert!(!stored.contains("app key") && !format!("{opened:?}{:?}", secrets()).contains("app key"));
        assert_eq!(serde_json::from_str::<TokenSet>(&stored).unwrap(), one);
    }

    #[test]
    fn x9_the_default_token_set_is_the_first_one_that_authenticates() {
        let chosen = |modes: &[Mode]| default_token_set(modes.iter().copied().enumerate(), |(_, mode)| *mode);
        assert_eq!(chosen(&[Mode::Cbc, Mode::Jwe, Mode::Gcm]), Some((1, Mode::Jwe)));
        assert_eq!(chosen(&[Mode::Ecb, Mode::Cbc]), Some((0, Mode::Ecb)));
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn x1_token_sets_and_app_keys_have_limits() {
        let data_keys = DataKeys::new(DataKey::new(&[7; 32]).unwrap(), Vec::new());
        let sets = |names: &[&str]| {
            TokenSets::try_from(names.iter().map(|of| set(of, &data_keys)).collect::<Vec<_>>())
        };
        assert!(sets(&["a", "b", "c", "d", "e"]).is_ok());
        assert!(sets(&["a", "b", "c", "d", "e", "f"]).is_err());
        assert!(sets(&["a", "b", "A"]).is_err());
        let keys = |count: usize, length: usize| {
            serde_json::from_value::<AppKeys>(json!(vec!["k".repeat(length); count]))
        };
        assert!(keys(20, 256).is_ok() && keys(0, 0).is_ok());
        assert!(keys(21, 1).is_err() && keys(1, 257).is_err() && keys(1, 0).is_err());
    }
}
