//! The leases of one process: the tokens that it took from buckets and did not spend yet (A14).

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Decision, Lease, Timestamp, Token};
use quick_cache::sync::Cache;
use store::{Bucket, BucketWritten, StoreError, Table};
use tokio::sync::Mutex;

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

/// The lease of a bucket. It is locked while a request writes to the bucket. So a process sends one write per bucket at a
/// time, and the requests that wait for it share its tokens, its refusal or its failure.
#[derive(Debug)]
struct SharedLease {
    lease: Mutex<Lease>,
    failures: AtomicUsize,
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
        let mut lease = shared.lease.lock().await;
        if shared.failures.load(Ordering::Acquire) != failures {
            return Err(StoreError::Unavailable {
                step: STEP,
                source: "a write at the same time failed".into(),
            });
        }
        let now = self.clock.now();
        match self.decide(bucket, &mut lease, now).await {
            Ok(Some(token)) => Ok(Answer::Granted(token, granted(bucket, &lease, now))),
            Ok(None) => Ok(Answer::Refused(refused(bucket, &lease, now))),
            Err(error) => {
                shared.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    /// Returns a token for a request, or `None` if the bucket is empty.
    async fn decide(
        &self,
        bucket: &Bucket,
        lease: &mut Lease,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let mut decision = lease.request(now);
        loop {
            let take = match decision {
                Decision::Grant(token) => return Ok(Some(token)),
                Decision::Refuse => return Ok(None),
                Decision::Take(take) => take,
            };
            decision = match self.table.write_bucket(bucket, take.write).await {
                Ok(BucketWritten::Yes { full_at }) => Decision::Grant(lease.taken(&take, full_at)),
                Ok(BucketWritten::No { full_at }) => lease.missed(&take, full_at),
                Err(error @ StoreError::Throttled { .. }) => {
                    let cause = causes(&error);
                    tracing::warn!(target: TARGET, cause, "bucket throttled: the request is refused");
                    lease.throttled(self.clock.now())
                }
                Err(error) => return Err(error),
            };
        }
    }

    /// Takes back a token that its request did not need.
    pub(super) async fn put_back(&self, bucket: &Bucket, token: Token) {
        self.lease(bucket).lease.lock().await.put_back(token);
    }

    /// Whether a request to `bucket` will very probably be granted. `false` while another request writes to it.
    pub(super) fn has_spare_tokens(&self, bucket: &Bucket) -> bool {
        let shared = self.lease(bucket);
        shared.lease.try_lock().is_ok_and(|lease| lease.has_spare_tokens(self.clock.now()))
    }

    fn lease(&self, bucket: &Bucket) -> Arc<SharedLease> {
        let new = || {
            let (lease, failures) = (Mutex::new(Lease::new(bucket.limit)), AtomicUsize::new(0));
            Ok::<_, Infallible>(Arc::new(SharedLease { lease, failures }))
        };
        match self.leases.get_or_insert_with(bucket, new) {
            Ok(lease) => lease,
        }
    }
}

fn granted(bucket: &Bucket, lease: &Lease, now: Timestamp) -> Quota {
    let (left, reset) = lease.remaining(now);
    Quota { kind: bucket.kind, limit: bucket.limit, left, reset }
}

fn refused(bucket: &Bucket, lease: &Lease, now: Timestamp) -> Quota {
    Quota { kind: bucket.kind, limit: bucket.limit, left: 0, reset: lease.retry_after(now) }
}
