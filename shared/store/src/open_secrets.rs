//! Secrets stored in sealed form: making and opening them.

use crypto::{DataKeys, Prefix, Sealed, Secret};
use model::{SecretVersion, Secrets, Timestamp};

use crate::dynamodb::key::ItemKey;
use crate::error::StoreError;

/// All versions of a secret, opened, newest first.
#[derive(Debug)]
pub struct OpenSecrets(Vec<(Secret, SecretVersion)>);

impl OpenSecrets {
    pub(crate) fn open(data_keys: &DataKeys, secrets: &Secrets, key: &ItemKey) -> Result<Self, StoreError> {
        let open = |version: &SecretVersion| {
            open_secret(data_keys, &version.sealed, key).map(|secret| (secret, version.clone()))
        };
        secrets.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The newest version, which signs.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no version.
    pub fn newest(&self) -> Result<&Secret, StoreError> {
        let newest = self.0.first().map(|(secret, _)| secret);
        newest.ok_or_else(|| StoreError::damaged("open secrets")("there is no version"))
    }

    /// The versions that are valid at `now`.
    pub fn usable(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter(move |(_, version)| version.is_usable(now)).map(|(secret, _)| secret)
    }
}

/// Opens a secret that was sealed for the item with the key `key`.
pub(crate) fn open_secret(
    data_keys: &DataKeys,
    sealed: &Sealed,
    key: &ItemKey,
) -> Result<Secret, StoreError> {
    const STEP: &str = "open secret";
    let bytes = data_keys.open(sealed, &key.place()).map_err(StoreError::damaged(STEP))?;
    let text = std::str::from_utf8(&bytes).map_err(StoreError::damaged(STEP))?;
    Ok(Secret::from(text.to_owned()))
}

/// Makes a secret and seals it for the item with the key `key`. Returns both forms.
pub(crate) fn new_secret(
    data_keys: &DataKeys,
    prefix: Prefix,
    key: &ItemKey,
    now: Timestamp,
) -> Result<(SecretVersion, Secret), StoreError> {
    const STEP: &str = "make secret";
    let secret = Secret::generate(prefix).map_err(StoreError::damaged(STEP))?;
    let sealed =
        data_keys.seal(secret.reveal().as_bytes(), &key.place()).map_err(StoreError::damaged(STEP))?;
    Ok((SecretVersion::new(sealed, secret.digest(), now), secret))
}
