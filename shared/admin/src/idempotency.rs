//! Repeated requests: a request that is sent again with the same idempotency key gets its first answer again.

use serde::Serialize;
use store::{Change, IdempotencyRecord, Refusal, Replay, WriteError};

use crate::{Error, Result, Session, Versioned};

/// An idempotency key with the request that it was sent with. For a day, the same key with the same fingerprint gets the
/// first answer again, and with another fingerprint [`Error::IdempotencyKeyReused`].
#[derive(Clone)]
pub struct Idempotency {
    /// The key the caller chose.
    pub key: IdempotencyKey,
    /// The request: everything that must be the same when it is repeated.
    pub fingerprint: Vec<u8>,
}

/// Without the fingerprint, because it contains the request's body, which may contain a secret.
impl std::fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idempotency").field("key", &self.key).finish_non_exhaustive()
    }
}

/// 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A text that is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 visible ASCII characters")]
pub struct InvalidIdempotencyKey;

impl std::str::FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidIdempotencyKey) }
    }
}

/// The result of an operation that accepts an idempotency key. It may contain a secret that is shown once.
#[expect(missing_debug_implementations, reason = "a stored response may contain a secret")]
pub enum Outcome<T> {
    /// The operation created the resource now.
    Created(Versioned<T>),
    /// An earlier request with the same idempotency key created the resource.
    Replayed {
        /// The JSON of what was created then.
        json: String,
        /// Its version then.
        version: u64,
    },
}

/// The answer to a creation that is not yet written.
pub(crate) struct FirstAnswer<'s, T> {
    session: &'s Session<'s>,
    idempotency: Option<&'s Idempotency>,
    created: Versioned<T>,
}

impl Session<'_> {
    /// The first answer to this request, if it was sent before.
    pub(crate) async fn replayed_answer<T>(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Outcome<T>>> {
        let Some(Idempotency { key, fingerprint }) = idempotency else { return Ok(None) };
        match self.registry.replay(self.caller.client_id(), &key.0, fingerprint, self.now).await? {
            None => Ok(None),
            Some(Replay::Same(json, version)) => Ok(Some(Outcome::Replayed { json, version })),
            Some(Replay::OtherRequest) => Err(Error::IdempotencyKeyReused),
        }
    }

    /// Prepares the answer, `item` at `version`. Adds it to `change`, so that a repeated request gets it again.
    pub(crate) fn first_answer<'s, T: Serialize>(
        &'s self,
        item: T,
        version: u64,
        idempotency: Option<&'s Idempotency>,
        change: &mut Change,
    ) -> Result<FirstAnswer<'s, T>> {
        if let Some(Idempotency { key, fingerprint }) = idempotency {
            let json = serde_json::to_vec(&item)?;
            let (caller, answer) = (self.caller.client_id(), (&*json, version));
            let record =
                IdempotencyRecord::new(self.registry, caller, &key.0, fingerprint, answer, self.now)?;
            change.idempotency = Some(record);
        }
        Ok(FirstAnswer { session: self, idempotency, created: Versioned { item, version } })
    }
}

impl<T> FirstAnswer<'_, T> {
    /// Returns the answer after the write. If the same request was sent twice at the same time and the other one was
    /// written, returns the other one's answer.
    pub(crate) async fn finish(self, written: Result<(), WriteError>) -> Result<Outcome<T>> {
        match written {
            Ok(()) => Ok(Outcome::Created(self.created)),
            Err(WriteError::Refused(Refusal::Replayed)) => {
                let replayed = self.session.replayed_answer(self.idempotency).await?;
                replayed.ok_or(Error::ChangedConcurrently)
            }
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_an_idempotency_key_is_visible_ascii() {
        for good in ["a", "!~", &"k".repeat(128)] {
            assert!(good.parse::<IdempotencyKey>().is_ok(), "{good:?}");
        }
        for bad in ["", " ", "a b", "a\n", "é", &"k".repeat(129)] {
            assert!(bad.parse::<IdempotencyKey>().is_err(), "{bad:?}");
        }
    }
}
