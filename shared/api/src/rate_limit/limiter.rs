//! Enforcing the rate limits of an endpoint.

use futures_util::future::join_all;
use lambda_http::http::{HeaderValue, header};
use store::{Bucket, StoreError, Table};

use crate::problem::{Code, Problem, causes};
use crate::rate_limit::bucket_request::BucketRequest;
use crate::rate_limit::leases::{Answer, Leases};
use crate::rate_limit::quotas::Quotas;
use crate::runtime::clock::Clock;
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
    limits: RateLimits,
    leases: Leases,
}

type Outcome = Result<Answer, StoreError>;

impl Limiter {
    pub(crate) fn new(table: Table, limits: RateLimits, clock: Clock) -> Self {
        Self { limits, leases: Leases::new(table, clock) }
    }

    /// Takes one token for each request. Pass the narrowest limit first: a request that it refuses takes nothing from
    /// the wider ones, so that one device cannot use up the tokens of all devices. `docs/limits.md` states the exception.
    ///
    /// # Errors
    /// [`Code::QuotaExceeded`], or [`Code::TemporarilyUnavailable`] if DynamoDB fails and the limits fail closed.
    pub async fn take(&self, requests: impl IntoIterator<Item = BucketRequest>) -> Result<Quotas, Problem> {
        let RateLimits::On(on_failure) = self.limits else { return Ok(Quotas::default()) };
        let buckets: Vec<Bucket> = requests.into_iter().map(|request| request.bucket).collect();
        let outcomes = self.take_from_each(&buckets, on_failure).await;
        let result = quotas(&outcomes, on_failure);
        if result.is_err() {
            self.put_back(&buckets, &outcomes);
        }
        result
    }

    /// Asks all buckets at once if each but the last will very probably grant its token. Otherwise asks one after the
    /// other, and stops at the first that refuses the request.
    async fn take_from_each(&self, buckets: &[Bucket], on_failure: OnFailure) -> Vec<Outcome> {
        let narrower = buckets.split_last().map_or(&[] as &[Bucket], |(_, narrower)| narrower);
        if narrower.iter().all(|bucket| self.leases.has_spare_tokens(bucket)) {
            return join_all(buckets.iter().map(|bucket| self.leases.take(bucket))).await;
        }
        let mut outcomes = Vec::with_capacity(buckets.len());
        for bucket in buckets {
            let outcome = self.leases.take(bucket).await;
            let is_refused = match &outcome {
                Ok(answer) => matches!(answer, Answer::Refused(_)),
                Err(_) => on_failure == OnFailure::Closed,
            };
            outcomes.push(outcome);
            if is_refused {
                break;
            }
        }
        outcomes
    }

    /// Puts the tokens of a refused request back into this process's leases.
    fn put_back(&self, buckets: &[Bucket], outcomes: &[Outcome]) {
        for (bucket, outcome) in buckets.iter().zip(outcomes) {
            if let Ok(Answer::Granted(token, _)) = outcome {
                self.leases.put_back(bucket, *token);
            }
        }
    }
}

/// The state of the buckets, or why the request is refused.
fn quotas(outcomes: &[Outcome], on_failure: OnFailure) -> Result<Quotas, Problem> {
    let mut quotas = Quotas::default();
    for outcome in outcomes {
        match outcome {
            Ok(Answer::Granted(_, quota)) => quotas.add(*quota),
            Ok(Answer::Refused(quota)) => return Err(quotas.exceeded(*quota)),
            Err(error) => handle_failure(error, on_failure)?,
        }
    }
    Ok(quotas)
}

/// Accepts or refuses a request whose limit cannot be checked, as `on_failure` says. Logs the decision.
fn handle_failure(error: &StoreError, on_failure: OnFailure) -> Result<(), Problem> {
    let cause = causes(error);
    match on_failure {
        OnFailure::Open => {
            tracing::warn!(target: TARGET, cause, "rate limit failed open: this limit is not checked");
            Ok(())
        }
        OnFailure::Closed => {
            tracing::error!(target: TARGET, cause, "rate limit failed closed: the request is refused");
            let detail = "the rate limit cannot be checked, try again";
            Err(Problem::new(Code::TemporarilyUnavailable, detail)
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
                .caused_by(cause))
        }
    }
}
