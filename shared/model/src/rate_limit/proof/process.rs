//! A process with a lease of the bucket.

use jiff::Timestamp;

use crate::rate_limit::proof::bucket::{Bucket, Written};
use crate::rate_limit::{Decision, Lease, RateLimit, Take, Token};

/// A process. It sends one write at a time, as `api::Limiter` does. Meanwhile it decides about other requests.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) lease: Lease,
    /// Its clock is so many microseconds ahead of the true time.
    pub(super) clock_error: i64,
    /// The request that waits for a write.
    pub(super) waiting: Option<Waiting>,
    /// The number of requests that wait until it is answered.
    pub(super) queued: usize,
    /// The latest tokens of requests, which it can put back: each with the number of its spend.
    pub(super) granted: Vec<(Token, usize)>,
    /// `full_at` after its last successful write: its last token's interval ends then.
    pub(super) lease_end: i64,
}

/// A request that waits for a write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) take: Take,
    /// The true time of the request.
    pub(super) since: i64,
    /// The answer of DynamoDB, if it has come.
    pub(super) answer: Option<Written>,
}

impl Process {
    pub(super) fn new(limit: RateLimit, clock_error: i64) -> Self {
        let (waiting, granted) = (None, Vec::new());
        Self { lease: Lease::new(limit), clock_error, waiting, queued: 0, granted, lease_end: 0 }
    }

    /// What its clock shows at the true time `now`.
    pub(super) fn reading(&self, now: i64) -> Timestamp {
        timestamp(now + self.clock_error)
    }

    /// Sends a request at the time `now`, and all writes that it needs. Returns whether it is granted.
    pub(super) fn request(&mut self, bucket: &mut Bucket, now: i64) -> bool {
        let mut decision = self.lease.request(self.reading(now));
        while let Decision::Take(take) = decision {
            decision = self.read_answer(&take, bucket.write(take.write));
        }
        matches!(decision, Decision::Grant(_))
    }

    /// Reads the answer of the write that its request waits for.
    pub(super) fn read_answer(&mut self, take: &Take, answer: Written) -> Decision {
        match answer {
            Written::Yes(full_at) => {
                self.lease_end = full_at;
                Decision::Grant(self.lease.on_written(take, full_at))
            }
            Written::No(full_at) => self.lease.on_condition_failed(take, full_at),
        }
    }
}

pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap()
}
