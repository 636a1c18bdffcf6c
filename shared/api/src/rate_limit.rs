//! Rate limits: checked before a token is issued, and shown in every response (draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;

use lambda_http::http::{HeaderName, HeaderValue, header};
use lambda_http::{Body, Response};
use model::{RateLimit, Timestamp};
use store::{Bucket, StoreError, Table, TakeOutcome};

use crate::problem::{Code, Problem, causes};
use crate::reply::Reply;
use crate::runtime::log::TARGET;
use crate::runtime::settings::OnFailure;

/// Whether rate limits are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// They are enforced. The value decides about requests whose limit cannot be checked because DynamoDB fails.
    On(OnFailure),
    /// They are not enforced. For load tests on a laptop.
    Off,
}

/// Enforces the rate limits of one endpoint.
#[derive(Debug)]
pub struct Limiter {
    table: Table,
    limits: RateLimits,
}

/// The kind of caller or resource that a bucket limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketKind {
    /// An API key.
    Key,
    /// A provider of window F.
    Provider,
    /// A partner of window V.
    Partner,
    /// A device of window V, or of a project.
    Device,
    /// A project of windows X and S.
    Project,
    /// A user of a project.
    User,
    /// An event of a project.
    Event,
    /// The audit records about a project's refused calls.
    Refusal,
}

impl BucketKind {
    /// Its name in headers and in DynamoDB.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Provider => "provider",
            Self::Partner => "partner",
            Self::Device => "device",
            Self::Project => "project",
            Self::User => "user",
            Self::Event => "event",
            Self::Refusal => "refusal",
        }
    }
}

/// A request for one token of a bucket.
#[derive(Debug)]
pub struct BucketRequest {
    bucket: Bucket,
    limit: RateLimit,
}

impl BucketRequest {
    /// A request for one token of the bucket of `route` for the key, device, … with the id `id`.
    #[must_use]
    pub fn new(route: &'static str, kind: BucketKind, id: impl ToString, limit: RateLimit) -> Self {
        Self { bucket: Bucket { route, kind: kind.name(), id: id.to_string() }, limit }
    }
}

/// The state of each bucket after a request.
#[derive(Debug, Default)]
pub struct Quotas(Vec<Quota>);

#[derive(Debug)]
struct Quota {
    kind: &'static str,
    limit: RateLimit,
    left: u32,
    reset: u32,
}

impl Limiter {
    pub(crate) fn new(table: Table, limits: RateLimits) -> Self {
        Self { table, limits }
    }

    /// Takes one token for each request, in order, and stops at the first bucket that is empty. Pass the narrower
    /// limit first, so that one device cannot use up the tokens of all devices.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`], or [`Code::TemporarilyUnavailable`] if DynamoDB fails and the limits fail closed.
    pub async fn take(
        &self,
        requests: impl IntoIterator<Item = BucketRequest>,
        now: Timestamp,
    ) -> Result<Quotas, Problem> {
        let RateLimits::On(on_failure) = self.limits else { return Ok(Quotas::default()) };
        let mut quotas = Quotas::default();
        for BucketRequest { bucket, limit } in requests {
            match self.table.take_token(&bucket, limit, now).await {
                Ok(TakeOutcome::Granted { full_at }) => {
                    let (left, reset) = limit.remaining(full_at, now);
                    quotas.0.push(Quota { kind: bucket.kind, limit, left, reset });
                }
                Ok(TakeOutcome::Refused { full_at }) => {
                    let wait = limit.retry_after(full_at, now);
                    quotas.0.push(Quota { kind: bucket.kind, limit, left: 0, reset: wait });
                    return Err(quotas.exceeded(bucket.kind, wait));
                }
                Err(error) => handle_failure(error, on_failure)?,
            }
        }
        Ok(quotas)
    }
}

/// Accepts or refuses a request whose limit cannot be checked, as `on_failure` says. Logs the decision.
fn handle_failure(error: StoreError, on_failure: OnFailure) -> Result<(), Problem> {
    let cause = causes(&error);
    match on_failure {
        OnFailure::Open => {
            tracing::warn!(target: TARGET, cause, "rate limit failed open: the request goes on unlimited");
            Ok(())
        }
        OnFailure::Closed => {
            tracing::error!(target: TARGET, cause, "rate limit failed closed: the request is refused");
            let detail = "the rate limit cannot be checked, try again";
            Err(Problem::new(Code::TemporarilyUnavailable, detail)
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
                .caused_by(error))
        }
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

impl Quotas {
    /// Adds the headers with the limits and the tokens that are left.
    ///
    /// # Errors
    /// Those of `reply`.
    pub fn with_headers(&self, reply: Reply) -> Reply {
        reply.map(|mut response: Response<Body>| {
            for (name, value) in self.headers() {
                response.headers_mut().insert(name, value);
            }
            response
        })
    }

    fn exceeded(&self, kind: &'static str, wait: u32) -> Problem {
        let detail = format!("the {kind}'s rate limit is used up, try again in {wait} s");
        let problem = Problem::new(Code::QuotaExceeded, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(wait));
        self.headers().into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
    }

    /// `RateLimit-Policy: "key";q=20;w=60` and `RateLimit: "key";r=12;t=24`, with one member for each limit.
    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let (mut policies, mut states) = (String::new(), String::new());
        for (at, Quota { kind, limit, left, reset }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            // Writing to a `String` does not fail.
            let _ = write!(policies, "{comma}\"{kind}\";q={};w={}", limit.requests(), limit.seconds());
            let _ = write!(states, "{comma}\"{kind}\";r={left};t={reset}");
        }
        let values = [(POLICY, policies), (STATE, states)].into_iter().filter(|(_, text)| !text.is_empty());
        values.filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?))).collect()
    }
}
