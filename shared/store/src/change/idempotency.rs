//! Idempotency records: the response to a request with an idempotency key, kept for a day.

use crypto::{DataKeys, HashKey, Sealed, digest_hex};
use model::{ClientId, SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};
use crate::registry::Registry;

/// How long a response is kept.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The response to a request with an idempotency key, ready to be stored.
#[derive(Debug)]
pub struct IdempotencyRecord {
    key: ItemKey,
    response: StoredResponse,
    now: i64,
}

/// The stored form. The response is sealed because it may contain a new secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredResponse {
    /// The keyed hash of the request. Its body may contain a secret that can be guessed, so a hash without a key would
    /// reveal it.
    request: String,
    answer: Sealed,
    /// The version of the resource in the response. Records that were written before rotations existed have none.
    #[serde(default = "first_version")]
    version: u64,
    expires_at: i64,
}

const fn first_version() -> u64 {
    1
}

impl IdempotencyRecord {
    /// Seals `answer`, a response with a resource at `version`. `request` is the fingerprint of the request that `caller`
    /// sent with the idempotency key `named`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the response cannot be sealed.
    pub fn new(
        registry: &Registry,
        caller: &ClientId,
        named: &str,
        request: &[u8],
        (answer, version): (&[u8], u64),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let key = idempotency_key(caller, named);
        let (data_keys, hash_key) = (registry.keys.data_keys(), registry.keys.hash_key());
        let answer = data_keys.seal(answer, &key.place()).map_err(StoreError::damaged("seal response"))?;
        let expires_at = now.as_second() + LIFETIME.as_secs();
        let response =
            StoredResponse { request: fingerprint(hash_key, request), answer, version, expires_at };
        Ok(Self { key, response, now: now.as_second() })
    }

    /// Adds the record to `transaction`. Fails with [`Refusal::Replayed`] if the idempotency key was used in the last
    /// day.
    pub(crate) fn write(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        transaction.create_or_replace_expired(&self.key, &self.response, self.now, Refusal::Replayed)
    }
}

impl StoredResponse {
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.as_second()
    }

    pub(crate) fn answers(&self, hash_key: &HashKey, request: &[u8]) -> bool {
        self.request == fingerprint(hash_key, request)
    }

    /// Opens the response, which is stored at `key`. Returns its body and the version of its resource.
    pub(crate) fn open(&self, data_keys: &DataKeys, key: &ItemKey) -> Result<(String, u64), StoreError> {
        const STEP: &str = "open stored response";
        let body = data_keys.open(&self.answer, &key.place()).map_err(StoreError::damaged(STEP))?;
        let text = std::str::from_utf8(&body).map_err(StoreError::damaged(STEP))?;
        Ok((text.to_owned(), self.version))
    }
}

fn fingerprint(hash_key: &HashKey, request: &[u8]) -> String {
    hash_key.keyed_hash("idempotent request", &[&digest_hex(request)])
}

/// The key of the record for the idempotency key `named` of `caller`.
pub(crate) fn idempotency_key(caller: &ClientId, named: &str) -> ItemKey {
    key::idempotency(caller, &digest_hex(named.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of the table must not reveal a secret of the request that can be guessed.
    #[test]
    fn a4_the_hash_of_a_request_depends_on_a_key() {
        let [one, other] = [7, 8].map(|byte| HashKey::derive(&[byte; 32]).unwrap());
        assert_eq!(fingerprint(&one, b"request"), fingerprint(&one, b"request"));
        assert_ne!(fingerprint(&one, b"request"), fingerprint(&one, b"another"));
        assert_ne!(fingerprint(&one, b"request"), fingerprint(&other, b"request"));
    }
}
