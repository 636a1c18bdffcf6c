//! The leases of one process: the tokens that it took from buckets and did not spend yet (A14).

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Decision, Lease, RateLimit, Timestamp, Token};
use quick_cache::sync::Cache;
use store::{Bucket, StoreError, Table, WriteResult};

use crate::problem::causes;
use crate::rate_limit::quotas::Quota;
use crate::runtime::clock::Clock;
use crate::runtime::log::TARGET;

/// The maximum number of buckets that a process remembers: about 3 MB. Tokens of a forgotten lease are lost to the
/// process, and refilled by the passing of time.
const CAPACITY: usize = 10_000;

const STEP: &str = "take tokens from bucket";

/// The leases of one process.
#[derive(Debug)]
pub(super) struct Leases {
    table: Table,
    clock: Clock,
    leases: Cache<Bucket, Arc<SharedLease>>,
}

/// The lease of a bucket. A process sends one write per bucket at a time. The requests that wait for it share its tokens, its
/// refusal or its failure.
#[derive(Debug)]
struct SharedLease {
    /// Locked for moments only. So a request that finds a token never waits for a write.
    lease: Mutex<Lease>,
    /// Locked during a write.
    writing: tokio::sync::Mutex<()>,
    /// How many writes have failed. A request that waited for one of them fails with it.
    failures: AtomicUsize,
}

impl SharedLease {
    fn new(limit: RateLimit) -> Self {
        Self {
            lease: Mutex::new(Lease::new(limit)),
            writing: tokio::sync::Mutex::default(),
            failures: AtomicUsize::new(0),
        }
    }

    /// The answer to a request, if it needs no write.
    fn answer_without_write(&self, bucket: &Bucket, now: Timestamp) -> Option<Answer> {
        let mut lease = self.lease();
        match lease.request(now) {
            Decision::Grant(token) => Some(Answer::new(bucket, &lease, Some(token), now)),
            Decision::Refuse => Some(Answer::new(bucket, &lease, None, now)),
            Decision::Take(_) => None,
        }
    }

    fn lease(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a request for one token.
#[derive(Debug)]
pub(super) enum Answer {
    /// The request gets this token.
    Granted(Token, Quota),
    /// The bucket is empty.
    Refused(Quota),
}

impl Leases {
    pub(super) fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock, leases: Cache::new(CAPACITY) }
    }

    /// Takes a token from `bucket`. Reads the clock when it decides, because a request can have waited before.
    pub(super) async fn take(&self, bucket: &Bucket) -> Result<Answer, StoreError> {
        let shared = self.lease(bucket);
        let failures = shared.failures.load(Ordering::Acquire);
        if let Some(answer) = shared.answer_without_write(bucket, self.clock.now()) {
            return Ok(answer);
        }
        let _writing = shared.writing.lock().await;
        if shared.failures.load(Ordering::Acquire) != failures {
            return Err(StoreError::Unavailable {
                step: STEP,
                source: "a write at the same time failed".into(),
            });
        }
        let now = self.clock.now();
        match self.write(bucket, &shared, now).await {
            Ok(Some(token)) => Ok(Answer::new(bucket, &shared.lease(), Some(token), now)),
            // DynamoDB can need seconds to throttle a write, and `Retry-After` counts from the response.
            Ok(None) => Ok(Answer::new(bucket, &shared.lease(), None, self.clock.now())),
            Err(error) => {
                shared.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    /// Takes tokens, unless another request took some in the meantime. Returns one of them, or `None` if the bucket is
    /// empty.
    async fn write(
        &self,
        bucket: &Bucket,
        shared: &SharedLease,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let mut decision = shared.lease().decide(now);
        loop {
            let take = match decision {
                Decision::Grant(token) => return Ok(Some(token)),
                Decision::Refuse => return Ok(None),
                Decision::Take(take) => take,
            };
            let written = self.table.write_bucket(bucket, take.write).await;
            decision = match written {
                Ok(WriteResult::Written { full_at }) => {
                    Decision::Grant(shared.lease().on_written(&take, full_at))
                }
                Ok(WriteResult::ConditionFailed { full_at }) => {
                    shared.lease().on_condition_failed(&take, full_at)
                }
                Err(error @ StoreError::Throttled { .. }) => {
                    let cause = causes(&error);
                    tracing::warn!(target: TARGET, cause, "bucket throttled: the request is refused");
                    shared.lease().on_throttled(self.clock.now())
                }
                Err(error) => return Err(error),
            };
        }
    }

    /// Takes back a token that its request did not need.
    pub(super) fn put_back(&self, bucket: &Bucket, token: Token) {
        self.lease(bucket).lease().put_back(token);
    }

    /// Whether a request to `bucket` will very probably be granted. `false` while another request writes to it: what the
    /// process knows is old then.
    pub(super) fn has_spare_tokens(&self, bucket: &Bucket) -> bool {
        let shared = self.lease(bucket);
        shared.writing.try_lock().is_ok() && shared.lease().has_spare_tokens(self.clock.now())
    }

    fn lease(&self, bucket: &Bucket) -> Arc<SharedLease> {
        let new = || Ok::<_, Infallible>(Arc::new(SharedLease::new(bucket.limit)));
        match self.leases.get_or_insert_with(bucket, new) {
            Ok(lease) => lease,
        }
    }
}

impl Answer {
    /// The answer to a request that gets `token`, or is refused without one.
    fn new(bucket: &Bucket, lease: &Lease, token: Option<Token>, now: Timestamp) -> Self {
        let Bucket { kind, limit, .. } = *bucket;
        match token {
            Some(token) => {
                let (left, reset) = lease.remaining(now);
                Self::Granted(token, Quota { kind, limit, left, reset })
            }
            None => Self::Refused(Quota { kind, limit, left: 0, reset: lease.retry_after(now) }),
        }
    }
}
