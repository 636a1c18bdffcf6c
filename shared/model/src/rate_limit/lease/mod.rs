//! Leases: a process takes several tokens of a bucket in one write, and spends them without another write (A14).
//!
//! A bucket stores one number, `full_at`: when it will be full again. Taking `k` tokens at the time `now` moves it from
//! `start = max(full_at, now)` to `start + k · interval`, if that is not later than `now + requests · interval`. The first
//! token owns the first interval after `start`, the second token the next one, and so on. **A token can be spent until its
//! own interval begins**, in the process that took it.
//!
//! So in any time `w` at most `requests + w / interval` tokens are spent, whatever the number of processes. Each token
//! spent in that time owns an interval that begins in it or after it, and that ends at most `requests · interval` after
//! it, and no two intervals overlap. Nothing has to be given back: the tokens of a process that stops are refilled by the
//! passing of time. Clocks that are wrong by at most `d` make the bound `requests + (w + 2 · d) / interval`.
//!
//! Times are in microseconds since 1970.

mod size;

use jiff::Timestamp;

use crate::rate_limit::pace::Pace;
use crate::rate_limit::{RateLimit, seconds};

/// How often a request tries to take tokens while other processes change the bucket.
const WRITE_ATTEMPTS: u8 = 3;
/// How long a process refuses requests after a refusal, at most, if the bucket may have a token earlier.
const BACK_OFF: i64 = 1_000_000;

/// What one process knows about a bucket, and the tokens that it holds. Not `Clone`: a copy could spend the tokens again.
#[derive(Debug)]
pub struct Lease {
    limit: RateLimit,
    /// When the interval of the next token begins. The tokens after it own the intervals that follow.
    next_interval: i64,
    /// The number of tokens that the process holds.
    held: i64,
    /// The bucket's `full_at` when it was last seen, and when that was. 0 before the first write.
    full_at: i64,
    seen_at: i64,
    /// Requests are refused without a write until then.
    refused_until: i64,
    /// How many requests the next lease is meant for, at most.
    max_requests: i64,
    /// When the process took its tokens.
    taken_at: i64,
    pace: Pace,
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Accept it. It spends this token.
    Grant(Token),
    /// Refuse it.
    Refuse,
    /// Write this to the bucket, and pass the result to [`Lease::on_written`] or [`Lease::on_condition_failed`].
    Take(Take),
}

/// A token that a request spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// When its interval begins.
    interval: i64,
}

/// A conditional write that takes tokens from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// The write.
    pub write: BucketWrite,
    now: i64,
    tokens: i64,
    attempt: u8,
}

/// A conditional write of a bucket's `full_at`. DynamoDB has no maximum of two values, so there are two kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketWrite {
    /// Sets `full_at`, if the bucket does not exist or its `full_at` is at most `now`.
    Set {
        /// The new `full_at`.
        full_at: i64,
        /// The time of the request.
        now: i64,
    },
    /// Adds to `full_at`, if it is at least `now` and at most `latest`.
    Add {
        /// What is added, in microseconds.
        micros: i64,
        /// The time of the request.
        now: i64,
        /// The latest `full_at` of a bucket that has enough tokens.
        latest: i64,
    },
}

impl Lease {
    /// A process that holds no tokens and knows nothing about the bucket.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            next_interval: 0,
            held: 0,
            full_at: 0,
            seen_at: 0,
            refused_until: 0,
            max_requests: size::MAX_REQUESTS,
            taken_at: 0,
            pace: Pace::default(),
        }
    }

    /// Decides about a request that arrives.
    pub fn request(&mut self, now: Timestamp) -> Decision {
        self.pace.add(now.as_microsecond());
        self.decide(now)
    }

    /// Decides about a request that arrived before and had to wait.
    pub fn decide(&mut self, now: Timestamp) -> Decision {
        let now = now.as_microsecond();
        self.drop_ended_tokens(now);
        if self.held > 0 {
            Decision::Grant(self.spend())
        } else if now < self.refused_until {
            Decision::Refuse
        } else {
            Decision::Take(self.take(now, 1))
        }
    }

    /// Stores that `take` was written, and that `full_at` is the bucket's new `full_at`. Returns the token of the request.
    pub fn on_written(&mut self, take: &Take, full_at: i64) -> Token {
        self.adapt_max_requests(take);
        self.remember_full_at(full_at, take.now);
        self.next_interval = full_at - take.tokens * self.limit.interval_micros();
        self.held = take.tokens;
        self.spend()
    }

    /// Decides again after the condition of `take` failed. `full_at` is the bucket's, or `None` if it does not exist.
    pub fn on_condition_failed(&mut self, take: &Take, full_at: Option<i64>) -> Decision {
        self.remember_full_at(full_at.unwrap_or_default(), take.now);
        if take.attempt < WRITE_ATTEMPTS && self.free_tokens(take.now) > 0 {
            return Decision::Take(self.take(take.now, take.attempt + 1));
        }
        self.back_off(take.now);
        Decision::Refuse
    }

    /// Refuses a request because DynamoDB throttled its write, which became known at the time `now`.
    pub fn on_throttled(&mut self, now: Timestamp) -> Decision {
        self.back_off(now.as_microsecond());
        Decision::Refuse
    }

    /// Takes back a token that its request did not need. The next request can spend it.
    pub fn put_back(&mut self, token: Token) {
        let interval = self.limit.interval_micros();
        if self.held == 0 || token.interval + interval == self.next_interval {
            self.next_interval = token.interval;
            self.held += 1;
        }
    }

    /// Whether a request will very probably be granted: the process holds a token, or it saw most of the bucket's
    /// tokens a short time ago.
    #[must_use]
    pub fn has_spare_tokens(&self, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        let quarter = self.limit.duration_micros() / 4;
        let holds_token = self.held > 0 && now <= self.last_interval();
        let saw_tokens = 4 * self.free_tokens(self.seen_at) >= 3 * i64::from(self.limit.requests());
        let is_recent = (self.seen_at..=self.seen_at + quarter).contains(&now);
        holds_token || (saw_tokens && is_recent && now >= self.refused_until)
    }

    /// The number of requests that are left, and the number of seconds until the bucket is full: the tokens that the
    /// process holds, and what was left in the bucket when the process last saw it.
    #[must_use]
    pub fn remaining(&self, now: Timestamp) -> (u32, u32) {
        let (left, reset) = self.limit.remaining(self.full_at, now);
        (left.saturating_add(u32::try_from(self.held).unwrap_or_default()), reset)
    }

    /// The number of whole seconds until a request can be granted after a refusal. At least 1.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> u32 {
        seconds(self.refused_until - now.as_microsecond()).max(1)
    }

    fn take(&self, now: i64, attempt: u8) -> Take {
        let tokens = if attempt < WRITE_ATTEMPTS { self.lease_size(now) } else { 1 };
        let micros = tokens * self.limit.interval_micros();
        let write = if self.full_at <= now {
            BucketWrite::Set { full_at: now + micros, now }
        } else {
            let latest = now + self.limit.duration_micros()
                - self.required_tokens(tokens) * self.limit.interval_micros();
            BucketWrite::Add { micros, now, latest }
        };
        Take { write, now, tokens, attempt }
    }

    /// The tokens in the bucket at the time `now`, as far as this process knows.
    fn free_tokens(&self, now: i64) -> i64 {
        (now + self.limit.duration_micros() - self.full_at.max(now)) / self.limit.interval_micros()
    }

    fn spend(&mut self) -> Token {
        let token = Token { interval: self.next_interval };
        self.next_interval += self.limit.interval_micros();
        self.held -= 1;
        token
    }

    fn drop_ended_tokens(&mut self, now: i64) {
        let interval = self.limit.interval_micros();
        let late = (now - self.next_interval).max(0);
        let ended = self.held.min((late + interval - 1) / interval);
        self.next_interval += ended * interval;
        self.held -= ended;
    }

    /// When the interval of the last token held begins.
    fn last_interval(&self) -> i64 {
        self.next_interval + (self.held - 1) * self.limit.interval_micros()
    }

    fn remember_full_at(&mut self, full_at: i64, now: i64) {
        (self.full_at, self.seen_at) = (full_at, now);
    }

    /// Refuses requests until the bucket can have a token, and for a second or an eighth of the limit's time at least.
    fn back_off(&mut self, now: i64) {
        let pause = BACK_OFF.min(self.limit.duration_micros() / 8);
        let next_token = self.full_at - self.limit.duration_micros() + self.limit.interval_micros();
        self.refused_until = next_token.max(now + pause);
    }
}
