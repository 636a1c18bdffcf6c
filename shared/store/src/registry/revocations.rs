//! Revoked tokens (A2, RFC 7009).

use model::Notice;
use serde::{Deserialize, Serialize};

use crate::change::{CallerItems, Change};
use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::Registry;

/// A revoked token. It is found by the hash of the token. TTL deletes it after the token has expired.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Revocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// How a revocation is recorded.
#[derive(Debug)]
pub enum RevocationRecord<'a> {
    /// In the permanent audit log: an API key revoked the token of another caller.
    Permanent(&'a Change),
    /// As a notice: the token's own key or project revoked it.
    Temporary {
        /// What the rights of the caller depend on.
        caller: CallerItems,
        /// The notice. `None` if the limit of notices is reached.
        notice: Option<&'a Notice>,
    },
}

/// How long a revocation is kept after its token has expired, in seconds, because clocks differ.
const CLOCK_SKEW: i64 = 300;

const STEP: &str = "revoke token";

impl Registry {
    /// Revokes the token with the hash `digest`, which expires at `exp` (Unix seconds), or never. A repeated call
    /// succeeds.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn revoke(
        &self,
        digest: &str,
        exp: Option<i64>,
        record: RevocationRecord<'_>,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin_revocation(record)?;
        let expires_at = exp.map(|exp| exp.saturating_add(CLOCK_SKEW));
        transaction.put(&key::revocation(digest), &Revocation { expires_at })?;
        transaction.commit().await
    }

    fn begin_revocation(&self, record: RevocationRecord<'_>) -> Result<Transaction<'_>, StoreError> {
        let (caller, notice) = match record {
            RevocationRecord::Permanent(change) => return self.begin(STEP, change),
            RevocationRecord::Temporary { caller, notice } => (caller, notice),
        };
        let mut transaction = Transaction::new(&self.table, STEP);
        transaction.require_caller(&caller);
        if let Some(notice) = notice {
            transaction.create(&key::notice(notice.entity_id, notice.id), notice, Refusal::Stale)?;
        }
        Ok(transaction)
    }
}
