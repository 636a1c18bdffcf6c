//! Finds the response to a repeated request.

use model::{ClientId, Timestamp};

use crate::change::{StoredResponse, idempotency_key};
use crate::error::StoreError;
use crate::registry::Registry;

/// The stored request of an idempotency key that was used before.
#[expect(missing_debug_implementations, reason = "the stored body may contain a secret")]
pub enum Replay {
    /// The same request was sent before. Holds the body of its response and the version of the resource in it.
    Same(String, u64),
    /// Another request was sent with this key.
    OtherRequest,
}

impl Registry {
    /// Reads what is stored for the idempotency key `named` of `caller`. Returns `None` if the key was not used in the
    /// last day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replay(
        &self,
        caller: &ClientId,
        named: &str,
        request: &[u8],
        now: Timestamp,
    ) -> Result<Option<Replay>, StoreError> {
        let key = idempotency_key(caller, named);
        let stored: Option<StoredResponse> = self.table.read(&key, "read idempotency record").await?;
        match stored.filter(|stored| !stored.is_expired(now)) {
            None => Ok(None),
            Some(stored) if stored.answers(self.keys.hash_key(), request) => {
                let (body, version) = stored.open(&self.keys.data_keys(), &key)?;
                Ok(Some(Replay::Same(body, version)))
            }
            Some(_) => Ok(Some(Replay::OtherRequest)),
        }
    }
}
