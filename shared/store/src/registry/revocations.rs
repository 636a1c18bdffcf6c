//! Tokens that no longer count, though they have not expired (A2, RFC 7009).

use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::error::WriteError;
use crate::registry::{Change, Registry};

/// A revoked token, found by the hash of its text. Goes when the token itself has expired.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Revocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// How much longer than its token a revocation is kept, in seconds: for clocks that lag.
const SKEW: i64 = 300;

impl Registry {
    /// The token of that hash, which expires at `exp` (Unix seconds) if it does, no longer counts. May be said twice.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn revoke(&self, digest: &str, exp: Option<i64>, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("revoke token", change)?;
        let expires_at = exp.map(|exp| exp.saturating_add(SKEW));
        transaction.set(&key::revocation(digest), &Revocation { expires_at })?;
        transaction.commit().await
    }
}
