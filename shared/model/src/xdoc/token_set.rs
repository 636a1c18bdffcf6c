//! Token sets: a project's AES keys, and how they are used (X1, X5, X9).

use crypto::{
    CipherSettings, CryptoError, DataKey, Iv, KeyBits, Mode, Padding, Sealed, TokenCipher, TokenKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::xdoc::app_key::at_most;
use crate::{AppKeys, Name, TokenSetId};

/// How a token set uses AES (X1). What is not chosen is GCM with 256 bits (X9).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scheme {
    /// The mode.
    pub mode: Mode,
    /// The size of the key.
    pub key_bits: KeyBits,
    /// What fills the last block in CBC and ECB.
    pub padding: Padding,
    /// The IV of CBC. Kept and unused in other modes.
    pub iv: Option<Iv>,
}

/// Settings that fit no cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScheme {
    /// CBC without an IV. Whoever wants sixteen zero bytes says so.
    #[error("CBC needs an IV")]
    NoIv,
    /// `A256GCM` has keys of 256 bits.
    #[error("JWE needs a key of 256 bits")]
    JweBits,
}

impl Scheme {
    /// Whether there is a cipher for it.
    ///
    /// # Errors
    /// [`InvalidScheme`].
    pub fn check(&self) -> Result<(), InvalidScheme> {
        match self.mode {
            Mode::Cbc if self.iv.is_none() => Err(InvalidScheme::NoIv),
            Mode::Jwe if self.key_bits != KeyBits::Aes256 => Err(InvalidScheme::JweBits),
            Mode::Cbc | Mode::Ecb | Mode::Gcm | Mode::Jwe => Ok(()),
        }
    }

    /// The cipher of that key.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if the key is of another size, or the scheme is not sound.
    pub fn cipher(&self, key: &TokenKey) -> Result<TokenCipher, CryptoError> {
        let settings = CipherSettings { mode: self.mode, key_bits: self.key_bits, padding: self.padding };
        TokenCipher::new(settings, key, self.iv.as_ref())
    }
}

/// A key and its use, as stored (X1). The cipher is AES; there is no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSet {
    /// `token-set-<uuid>`.
    pub id: TokenSetId,
    /// Its name, unique in the project.
    pub name: Name,
    /// Inactive sets stay stored; no token is opened or sealed with them.
    pub active: bool,
    /// How AES is used.
    pub scheme: Scheme,
    /// The key and the app keys: sealing a token takes both.
    pub secrets: Sealed,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl TokenSet {
    /// A new, active one, sealed for `place`, where its project is stored.
    ///
    /// # Errors
    /// [`CryptoError`], if there is no randomness.
    pub fn new(
        name: Name,
        scheme: Scheme,
        secrets: &TokenSecrets,
        (data_key, place): (&DataKey, &str),
        now: Timestamp,
    ) -> Result<Self, CryptoError> {
        let id = TokenSetId::new(now);
        let secrets = secrets.seal(id, data_key, place)?;
        Ok(Self { id, name, active: true, scheme, secrets, version: 1, created_at: now, updated_at: now })
    }

    /// Its secrets, opened at `place`.
    ///
    /// # Errors
    /// [`CryptoError::Open`].
    pub fn reveal(&self, data_key: &DataKey, place: &str) -> Result<TokenSecrets, CryptoError> {
        let text = data_key.open(&self.secrets, &place_of(self.id, place))?;
        let read: SecretsText = serde_json::from_slice(&text).map_err(|_| CryptoError::Open)?;
        let key = TokenKey::parse(&Zeroizing::new(read.key), self.scheme.key_bits)?;
        Ok(TokenSecrets { key, app_keys: read.app_keys })
    }

    /// Itself ready to seal and open tokens.
    ///
    /// # Errors
    /// [`CryptoError::Open`], [`CryptoError::Key`].
    pub fn open(&self, data_key: &DataKey, place: &str) -> Result<OpenTokenSet, CryptoError> {
        let TokenSecrets { key, app_keys } = self.reveal(data_key, place)?;
        Ok(OpenTokenSet { cipher: self.scheme.cipher(&key)?, padding: self.scheme.padding, app_keys })
    }
}

/// A token set in use.
#[derive(Debug)]
pub struct OpenTokenSet {
    /// Its cipher.
    pub cipher: TokenCipher,
    /// What fills the last block, where the mode has blocks.
    pub padding: Padding,
    /// The app keys it takes.
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
    /// Sealed for the token set `id` of what is stored at `place`.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, id: TokenSetId, data_key: &DataKey, place: &str) -> Result<Sealed, CryptoError> {
        let text = SecretsText { key: self.key.reveal_text().to_string(), app_keys: self.app_keys.clone() };
        let text = Zeroizing::new(serde_json::to_vec(&text).map_err(|_| CryptoError::Seal)?);
        data_key.seal(&text, &place_of(id, place))
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsText {
    key: String,
    app_keys: AppKeys,
}

/// The sets of one project are sealed apart, or one's secrets would open as another's.
fn place_of(id: TokenSetId, place: &str) -> String {
    format!("{place}|{id}")
}

at_most!(
    /// Up to five token sets, each of its own name (X1).
    TokenSets,
    TokenSet,
    TokenSets::MOST,
    |sets| (1..sets.len()).all(|at| {
        let (before, rest) = sets.split_at(at);
        let name = rest.first().map(|set| set.name.folded());
        before.iter().all(|set| Some(set.name.folded()) != name)
    }),
    "must be at most 5 token sets, each of its own name"
);

impl TokenSets {
    /// The most token sets one project has: every active one is tried on every token.
    pub const MOST: usize = 5;
}

impl PartialEq for TokenSets {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(text: &str) -> Name {
        Name::try_from(text.to_owned()).unwrap()
    }

    fn secrets() -> TokenSecrets {
        let app_keys = serde_json::from_value(json!(["an app key"])).unwrap();
        TokenSecrets { key: TokenKey::generate(KeyBits::Aes256).unwrap(), app_keys }
    }

    fn set(called: &str, data_key: &DataKey) -> TokenSet {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        TokenSet::new(name(called), Scheme::default(), &secrets(), (data_key, "project#1"), now).unwrap()
    }

    #[test]
    fn x1_a_token_set_opens_at_its_place_and_shows_no_secret() {
        let data_key = DataKey::new(&[7; 32]).unwrap();
        let (one, other) = (set("one", &data_key), set("other", &data_key));
        let opened = one.open(&data_key, "project#1").unwrap();
        assert_eq!(opened.app_keys[0].reveal(), "an app key");
        assert_eq!(one.reveal(&data_key, "project#2").unwrap_err(), CryptoError::Open);
        let swapped = TokenSet { secrets: other.secrets, ..one.clone() };
        assert_eq!(swapped.open(&data_key, "project#1").unwrap_err(), CryptoError::Open);
        let stored = serde_json::to_string(&one).unwrap();
        assert!(!stored.contains("app key") && !format!("{opened:?}{:?}", secrets()).contains("app key"));
        assert_eq!(serde_json::from_str::<TokenSet>(&stored).unwrap(), one);
    }

    #[test]
    fn x5_a_scheme_has_a_cipher_or_is_refused() {
        let scheme = |value| serde_json::from_value::<Scheme>(value).unwrap();
        for (case, scheme, expected) in [
            ("nothing chosen", scheme(json!({})), Ok(())),
            ("blank", scheme(json!({ "mode": "", "padding": "", "iv": "12345678" })), Ok(())),
            ("CBC alone", scheme(json!({ "mode": "CBC" })), Err(InvalidScheme::NoIv)),
            ("JWE of 128", scheme(json!({ "mode": "JWE", "key_bits": 128 })), Err(InvalidScheme::JweBits)),
            ("ECB of 192", scheme(json!({ "mode": "ECB", "key_bits": 192 })), Ok(())),
        ] {
            assert_eq!(scheme.check(), expected, "{case}");
            let cipher = scheme.cipher(&TokenKey::generate(scheme.key_bits).unwrap());
            assert_eq!(cipher.is_ok(), expected.is_ok(), "{case}");
        }
    }

    #[test]
    fn x1_token_sets_and_app_keys_are_bounded() {
        let data_key = DataKey::new(&[7; 32]).unwrap();
        let sets = |names: &[&str]| {
            TokenSets::try_from(names.iter().map(|of| set(of, &data_key)).collect::<Vec<_>>())
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
