//! Rate limits: asked before a token is issued, told in every answer (draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;

use lambda_http::http::{HeaderName, HeaderValue, header};
use lambda_http::{Body, Response};
use model::{RateLimit, Timestamp};
use store::{Bucket, StoreError, Table, TakeOutcome};

use crate::endpoint::Reply;
use crate::problem::{Code, Problem, causes};
use crate::runtime::settings::Failing;

/// Whether rate limits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// They do, and fail like that.
    On(Failing),
    /// They do not: for load tests on a laptop.
    Off,
}

/// The rate limits of one endpoint.
#[derive(Debug)]
pub struct Limiter {
    table: Table,
    limits: RateLimits,
}

/// One token asked for.
#[derive(Debug)]
pub struct Demand {
    bucket: Bucket,
    limit: RateLimit,
}

impl Demand {
    /// A token from the bucket of the `kind` of thing that is called `id`, on `route`, held to its own limit or else to
    /// the route's.
    #[must_use]
    pub fn new(
        route: &'static str,
        (kind, id): (&'static str, impl ToString),
        own: Option<RateLimit>,
        default: RateLimit,
    ) -> Self {
        Self { bucket: Bucket { route, kind, id: id.to_string() }, limit: own.unwrap_or(default) }
    }
}

/// How the buckets stand after a request.
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

    /// Takes one token for each demand, in order, and stops at the first that is refused: ask the narrower limit first,
    /// so that one device cannot use up what is meant for all.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`], or [`Code::TemporarilyUnavailable`] if the limits cannot be asked and fail closed.
    pub async fn take(
        &self,
        demands: impl IntoIterator<Item = Demand>,
        now: Timestamp,
    ) -> Result<Quotas, Problem> {
        let RateLimits::On(failing) = self.limits else { return Ok(Quotas::default()) };
        let mut quotas = Quotas::default();
        for Demand { bucket, limit } in demands {
            let (full_at, granted) = match self.table.take_token(&bucket, limit, now).await {
                Ok(TakeOutcome::Granted { full_at }) => (full_at, true),
                Ok(TakeOutcome::Refused { full_at }) => (full_at, false),
                Err(error) => {
                    failed(error, failing)?;
                    continue;
                }
            };
            let (left, reset) =
                if granted { limit.remaining(full_at, now) } else { (0, limit.retry_after(full_at, now)) };
            quotas.0.push(Quota { kind: bucket.kind, limit, left, reset });
            if !granted {
                return Err(quotas.exceeded(bucket.kind, limit.retry_after(full_at, now)));
            }
        }
        Ok(quotas)
    }
}

/// What becomes of a request whose limit cannot be asked, said in the log.
fn failed(error: StoreError, failing: Failing) -> Result<(), Problem> {
    match failing {
        Failing::Open => {
            tracing::warn!(cause = causes(&error), "rate limit failed open: the request goes on unlimited");
            Ok(())
        }
        Failing::Closed => {
            tracing::error!(cause = causes(&error), "rate limit failed closed: the request is refused");
            let detail = "the rate limit cannot be asked, try again";
            Err(Problem::new(Code::TemporarilyUnavailable, detail)
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
                .caused_by(error))
        }
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

impl Quotas {
    /// The answer with the limits and how they stand.
    ///
    /// # Errors
    /// The reply's own.
    pub fn told(&self, reply: Reply) -> Reply {
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

    /// `RateLimit-Policy: "key";q=20;w=60` and `RateLimit: "key";r=12;t=24`, a member for each limit.
    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let (mut policies, mut states) = (String::new(), String::new());
        for (at, Quota { kind, limit, left, reset }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            // Writing to a String does not fail.
            let _ = write!(policies, "{comma}\"{kind}\";q={};w={}", limit.requests(), limit.seconds());
            let _ = write!(states, "{comma}\"{kind}\";r={left};t={reset}");
        }
        let values = [(POLICY, policies), (STATE, states)].into_iter().filter(|(_, text)| !text.is_empty());
        values.filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?))).collect()
    }
}
