//! What anyone may know of a deployment: its issuer URL and its public keys.

use crypto::{Algorithm, Jwk, JwkSet, PublicKeys};
use model::{Schedule, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::error::StoreError;

/// The public side of a deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Issuer {
    /// The `iss` of its tokens, and where its discovery documents are (RFC 8414).
    pub url: String,
    pub(crate) keys: Vec<PublishedKey>,
    pub(crate) version: u64,
}

/// One public key and when it is published.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PublishedKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) schedule: Schedule,
    pub(crate) jwk: serde_json::Value,
}

impl Issuer {
    /// The keys published at that moment (A1).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one is not a JWK.
    pub fn jwks(&self, now: Timestamp) -> Result<JwkSet, StoreError> {
        let published = self.keys.iter().filter(|key| key.schedule.is_published(now));
        let keys = published.map(|key| serde_json::from_value::<Jwk>(key.jwk.clone()));
        Ok(JwkSet { keys: keys.collect::<Result<_, _>>().map_err(StoreError::damaged("read public keys"))? })
    }

    /// The same, ready to verify with.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if one is not a JWK.
    pub fn public_keys(&self, now: Timestamp) -> Result<PublicKeys, StoreError> {
        self.jwks(now).map(PublicKeys::new)
    }

    /// Reads it, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(table: &Table) -> Result<Option<Self>, StoreError> {
        table.read(&key::issuer(), "read issuer").await
    }
}
