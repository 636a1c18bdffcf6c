//! The history of a bucket and several processes, each with a [`Lease`](crate::rate_limit::Lease).

use crate::rate_limit::proof::bucket::Written;
use crate::rate_limit::proof::meter::Spend;
use crate::rate_limit::{BucketWrite, RateLimit};

/// A rule of leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The real rule.
    Unbroken,
    /// A token can be spent until its interval ends, not only until it begins.
    SpentOneIntervalLate,
    /// The tokens of a lease are also held by a second process.
    CopiedLease,
    /// A write sets a bucket that is in use as if it were full.
    WriteIgnoresNow,
}

/// What happened in a history.
#[derive(Debug)]
pub(super) struct History {
    pub(super) limit: RateLimit,
    /// The largest error of the processes' clocks, in microseconds.
    pub(super) max_error: i64,
    /// The requests that passed, in the order of their true time. A request's time is the one at which it was decided on,
    /// or at which the clock was read for its write.
    pub(super) spends: Vec<Spend>,
    /// The number of tokens that were spent without a write of their own.
    pub(super) spent_from_lease: usize,
    /// For the message of a failure.
    pub(super) events: Vec<Event>,
}

/// A step of a history, at a true time.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "the fields are printed when a history fails")]
pub(super) struct Event {
    pub(super) time: i64,
    pub(super) step: Step,
}

#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "the fields are printed when a history fails")]
pub(super) enum Step {
    Spend { process: usize },
    Refuse { process: usize },
    Send { process: usize, write: BucketWrite },
    Answer { process: usize, answer: Written },
    LoseAnswer { process: usize },
    Fail { process: usize },
    Throttle { process: usize },
    WriteLate { write: BucketWrite },
    PutBack { process: usize },
    Stop { process: usize },
    Forget { process: usize },
    MoveClock { process: usize, error: i64 },
    SpendElsewhere { tokens: i64 },
    Delete,
}
