//! The public data of a deployment: its issuer URL and its public keys.

use crypto::{Algorithm, Jwk, JwkSet, PublicKeys};
use model::{Schedule, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};

/// The public data of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Issuer {
    /// The `iss` of its tokens, and the base URL of its discovery documents (RFC 8414).
    pub url: String,
    pub(crate) keys: Vec<PublishedKey>,
    pub(crate) version: u64,
}

/// A public key, and when it is published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PublishedKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) schedule: Schedule,
    pub(crate) jwk: serde_json::Value,
}

impl Issuer {
    /// The keys that are published at `now` (A1).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one of them is not a JWK.
    pub fn jwks(&self, now: Timestamp) -> Result<JwkSet, StoreError> {
        let published = self.keys.iter().filter(|key| key.schedule.is_published(now));
        let keys = published.map(|key| serde_json::from_value::<Jwk>(key.jwk.clone()));
        Ok(JwkSet { keys: keys.collect::<Result<_, _>>().map_err(StoreError::damaged("read public keys"))? })
    }

    /// The keys that are published at `now`, ready to verify tokens.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one of them is not a JWK.
    pub fn public_keys(&self, now: Timestamp) -> Result<PublicKeys, StoreError> {
        self.jwks(now).map(PublicKeys::new)
    }

    /// Reads the issuer. Returns `None` if the table is not initialised.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(table: &Table) -> Result<Option<Self>, StoreError> {
        table.read(&key::issuer(), "read issuer").await
    }
}

impl Table {
    /// Changes the issuer URL. New tokens get it, and tokens with the old one no longer verify.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn change_issuer_url(&self, issuer: &Issuer, url: &str) -> Result<(), WriteError> {
        let changed = Issuer { url: url.to_owned(), version: issuer.version + 1, ..issuer.clone() };
        let mut transaction = Transaction::new(self, "change issuer URL");
        transaction.replace_version(&key::issuer(), &changed, issuer.version)?;
        transaction.commit().await
    }
}
