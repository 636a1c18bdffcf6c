//! Requests that may be sent twice: the first answer is kept for a day and given again.

use crypto::{DataKey, Sealed, digest_hex};
use model::{ClientId, SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};
use crate::registry::Registry;

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The answer to a request with an idempotency key. It is sealed: it may hold a secret shown once.
#[derive(Debug)]
pub struct IdempotencyRecord {
    at: ItemKey,
    record: Record,
    now: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    request: String,
    answer: Sealed,
    #[serde(default = "first")]
    version: u64,
    expires_at: i64,
}

/// What records from before there were rotations speak of.
const fn first() -> u64 {
    1
}

/// What a repeated request gets.
#[derive(Debug)]
pub enum Replay {
    /// The first answer's body, and the version of what was in it.
    Same(String, u64),
    /// The key was used for another request.
    OtherRequest,
}

impl IdempotencyRecord {
    /// `answer`, which shows something at `version`, for `request` (its method, path and body), sent by `caller` under
    /// the key `named`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it cannot be sealed.
    pub fn new(
        data_key: &DataKey,
        caller: &ClientId,
        named: &str,
        request: &[u8],
        (answer, version): (&[u8], u64),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let at = key::idempotency(caller, &digest_hex(named.as_bytes()));
        let answer = data_key.seal(answer, &at.place()).map_err(StoreError::damaged("seal answer"))?;
        let expires_at = now.as_second() + KEPT.as_secs();
        Ok(Self {
            at,
            record: Record { request: digest_hex(request), answer, version, expires_at },
            now: now.as_second(),
        })
    }

    pub(crate) fn write(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        transaction.create_or_renew(&self.at, &self.record, self.now, Refusal::Replayed)
    }
}

impl Registry {
    /// What a request under a used key gets; `None` for a key not used in the last day.
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
        const WHAT: &str = "read idempotency record";
        let at = key::idempotency(caller, &digest_hex(named.as_bytes()));
        let record: Option<Record> = self.table.read(&at, WHAT).await?;
        match record {
            None => Ok(None),
            Some(record) if record.expires_at <= now.as_second() => Ok(None),
            Some(record) if record.request == digest_hex(request) => {
                let answer = self.data_key.open(&record.answer, &at.place());
                let answer = answer.map_err(StoreError::damaged(WHAT))?;
                let text = std::str::from_utf8(&answer).map_err(StoreError::damaged(WHAT))?;
                Ok(Some(Replay::Same(text.to_owned(), record.version)))
            }
            Some(_) => Ok(Some(Replay::OtherRequest)),
        }
    }
}
