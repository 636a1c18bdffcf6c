//! Secrets made, and opened again where they were sealed.

use crypto::{DataKey, Prefix, Sealed, Secret};
use model::{SecretVersion, Secrets, Timestamp};

use crate::dynamodb::key::ItemKey;
use crate::error::StoreError;

/// The versions of a secret, opened, the newest first.
#[derive(Debug)]
pub struct OpenSecrets(Vec<(Secret, SecretVersion)>);

impl OpenSecrets {
    pub(crate) fn open(data_key: &DataKey, secrets: &Secrets, at: &ItemKey) -> Result<Self, StoreError> {
        let open = |version: &SecretVersion| {
            open_secret(data_key, &version.sealed, at).map(|secret| (secret, version.clone()))
        };
        secrets.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The newest, which signs.
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: there is always one.
    pub fn newest(&self) -> Result<&Secret, StoreError> {
        let first = self.0.first().map(|(secret, _)| secret);
        first.ok_or_else(|| StoreError::damaged("open secrets")("there is none"))
    }

    /// Those that count at that moment.
    pub fn usable(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter(move |(_, version)| version.is_usable(now)).map(|(secret, _)| secret)
    }
}

/// The secret that was sealed for the item at `at`.
pub(crate) fn open_secret(data_key: &DataKey, sealed: &Sealed, at: &ItemKey) -> Result<Secret, StoreError> {
    const WHAT: &str = "open secret";
    let bytes = data_key.open(sealed, &at.place()).map_err(StoreError::damaged(WHAT))?;
    let text = std::str::from_utf8(&bytes).map_err(StoreError::damaged(WHAT))?;
    Ok(Secret::from(text.to_owned()))
}

/// A new secret, sealed for the item at `at`, and itself, to be shown once.
pub(crate) fn new_secret(
    data_key: &DataKey,
    prefix: Prefix,
    at: &ItemKey,
    now: Timestamp,
) -> Result<(SecretVersion, Secret), StoreError> {
    const WHAT: &str = "make secret";
    let secret = Secret::generate(prefix).map_err(StoreError::damaged(WHAT))?;
    let sealed = data_key.seal(secret.reveal().as_bytes(), &at.place());
    let sealed = sealed.map_err(StoreError::damaged(WHAT))?;
    Ok((SecretVersion::new(sealed, secret.digest(), now), secret))
}
