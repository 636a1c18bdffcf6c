//! Revoked tokens (A2, RFC 7009).

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::dynamodb::key;
use crate::error::WriteError;
use crate::registry::Registry;

/// A revoked token. It is found by the hash of the token. TTL deletes it after the token has expired.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Revocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// How long a revocation is kept after its token has expired, in seconds, because clocks differ.
const CLOCK_SKEW: i64 = 300;

impl Registry {
    /// Revokes the token with the hash `digest`, which expires at `exp` (Unix seconds), or never. A repeated call
    /// succeeds.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn revoke(&self, digest: &str, exp: Option<i64>, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("revoke token", change)?;
        let expires_at = exp.map(|exp| exp.saturating_add(CLOCK_SKEW));
        transaction.put(&key::revocation(digest), &Revocation { expires_at })?;
        transaction.commit().await
    }
}
