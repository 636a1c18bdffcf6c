//! The common part of introspection (RFC 7662) and revocation (RFC 7009): a client sends a token.

use lambda_http::Request;
use lambda_http::http::Method;
use model::{RateLimit, Timestamp};
use store::{Directory, View};

use crate::auth::client::{Client, ClientCredentials};
use crate::auth::token::claims::VerifiedToken;
use crate::auth::token::hint::PresentedToken;
use crate::problem::Problem;
use crate::rate_limit::{Limiter, Quotas};
use crate::request::form::Form;
use crate::request::method::require_method;

/// The rate limit of a client or partner that has none of its own. It is high, because a client sends a request for each of
/// its own callers.
pub(super) const LIMIT: RateLimit = RateLimit::per_minute(6000);

/// A client and the token that it sent.
#[derive(Debug)]
pub struct TokenQuery {
    /// The client.
    pub client: Client,
    /// The hash of the token, also of one that does not verify.
    pub digest: String,
    /// The token, if this deployment verifies it and it has not expired.
    pub token: Option<VerifiedToken>,
    /// The state of the client's rate limit.
    pub quotas: Quotas,
}

impl TokenQuery {
    /// Reads the request to `route`: a form with `token` and, for a token that does not name its project,
    /// `project_id`.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`](crate::Code::InvalidRequest) and the other errors of [`Form::read`], those of
    /// [`ClientCredentials::authenticate`], [`Code::QuotaExceeded`](crate::Code::QuotaExceeded), or the store's.
    pub async fn read(
        route: &'static str,
        request: &Request,
        (directory, limiter): (&Directory, &Limiter),
        now: Timestamp,
    ) -> Result<Self, Problem> {
        require_method(request, &Method::POST)?;
        let form = Form::read(request)?;
        let credentials = ClientCredentials::read(request, &form, now)?;
        let presented = PresentedToken::read_form(&form)?;
        let mut view = directory.view(now);
        let second = |view: &View<'_>| presented.second_lookups(view);
        let client = credentials.authenticate(&mut view, presented.first_lookups(), second).await?;
        let quotas = limiter.take([client.bucket_request(route, LIMIT)]).await?;

        let digest = presented.digest.clone();
        let token = presented.with_project(client.project_id()).verify(&view, now)?;
        Ok(Self { client, digest, token, quotas })
    }
}
