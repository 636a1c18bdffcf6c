//! How many tokens a process takes in one write.

use crate::rate_limit::lease::{Lease, Take};

/// A limit with fewer requests is exact: each request is one write of one token.
const EXACT_BELOW: i64 = 64;
/// How many requests a lease is meant for, at most, unless such leases last too short a time.
pub(super) const MAX_REQUESTS: i64 = 64;
/// A process that spends a lease faster than this, in microseconds, takes twice as many tokens the next time. Otherwise
/// requests of a process that serves thousands in a second would mostly wait for writes.
const MIN_DURATION: i64 = 25_000;
/// How long a lease is meant to last, at most, in microseconds. Never more than a quarter of the limit's time.
const MAX_DURATION: i64 = 10_000_000;
/// A lease has at most `free² / (8 · requests)` tokens: an eighth of a full bucket, and of a bucket with half of its tokens a
/// quarter of that. So the tokens that processes hold leave enough for the others.
const LEASE_DIVISOR: i64 = 8;
/// What a process knows about the bucket is old. So the write requires that the bucket really has so many free tokens that
/// the lease is at most `free² / (4 · requests)`.
const STORED_DIVISOR: i64 = 4;

impl Lease {
    /// How many tokens to take: enough for the next [`MAX_REQUESTS`] requests or [`MAX_DURATION`], and for the tokens whose
    /// intervals begin meanwhile. Never more than a part of what is free, so that other processes find tokens too.
    pub(super) fn lease_size(&self, now: i64) -> i64 {
        let requests = i64::from(self.limit.requests());
        let Some(gap) = self.pace.mean_gap().filter(|_| requests >= EXACT_BELOW) else { return 1 };
        let wanted = self.max_requests.min(MAX_DURATION.min(self.limit.duration_micros() / 4) / gap);
        if wanted < 2 {
            return 1;
        }
        let lead = (self.full_at - now).max(0);
        let ending = (wanted * gap - lead).max(0) / self.limit.interval_micros();
        let free = self.free_tokens(now);
        (wanted + ending).min(free * free / (LEASE_DIVISOR * requests)).max(1)
    }

    /// The tokens that the bucket must have for a lease of `tokens`.
    pub(super) fn required_tokens(&self, tokens: i64) -> i64 {
        let requests = i64::from(self.limit.requests());
        if tokens > 1 { tokens.max((STORED_DIVISOR * requests * tokens).isqrt()) } else { 1 }
    }

    /// Doubles what the next lease is meant for if the process spends its leases too fast, and halves it otherwise.
    pub(super) fn adapt_max_requests(&mut self, take: &Take) {
        let is_largest = take.tokens >= self.max_requests;
        let was_short = (0..MIN_DURATION).contains(&(take.now - self.taken_at));
        self.max_requests = match is_largest && was_short {
            true => self.max_requests.saturating_mul(2),
            false => (self.max_requests / 2).max(MAX_REQUESTS),
        };
        self.taken_at = take.now;
    }
}
