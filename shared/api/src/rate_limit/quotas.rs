//! The state of buckets in response headers (draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;

use lambda_http::http::{HeaderName, HeaderValue, header};
use lambda_http::{Body, Response};
use model::RateLimit;

use crate::problem::{Code, Problem};
use crate::reply::Reply;

/// The state of each bucket after a request.
#[derive(Debug, Default)]
pub struct Quotas(Vec<Quota>);

/// The state of one bucket after a request, as far as this process knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    pub(super) kind: &'static str,
    pub(super) limit: RateLimit,
    /// How many requests are left.
    pub(super) left: u32,
    /// The number of seconds until the bucket is full. After a refusal: until it has a token.
    pub(super) reset: u32,
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

impl Quotas {
    pub(super) fn add(&mut self, quota: Quota) {
        self.0.push(quota);
    }

    /// The problem of a request that is refused because of `quota`.
    pub(super) fn exceeded(mut self, quota: Quota) -> Problem {
        let Quota { kind, reset: wait, .. } = quota;
        self.add(quota);
        let detail = format!("the {kind}'s rate limit is used up, try again in {wait} s");
        let problem = Problem::new(Code::QuotaExceeded, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(wait));
        self.headers().into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
    }

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
