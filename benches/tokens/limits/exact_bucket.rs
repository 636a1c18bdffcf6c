//! A bucket that counts each call, for comparison.

use model::{RateLimit, Timestamp};

/// A bucket in memory, without leases.
pub(super) struct ExactBucket {
    limit: RateLimit,
    full_at: i64,
}

impl ExactBucket {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, full_at: 0 }
    }

    /// Takes one token. Returns `false` if there is none.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        let full_at = self.full_at.max(now) + self.limit.interval_micros();
        let has_token = full_at <= now + self.limit.duration_micros();
        if has_token {
            self.full_at = full_at;
        }
        has_token
    }
}
