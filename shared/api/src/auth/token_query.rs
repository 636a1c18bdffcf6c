//! A client asks about a token: what introspection (RFC 7662) and revocation (RFC 7009) have in common.

use lambda_http::Request;
use lambda_http::http::Method;
use model::{RateLimit, Timestamp};
use store::Directory;

use crate::auth::client::{Client, ClientCredentials};
use crate::auth::token::{Known, Presented};
use crate::problem::Problem;
use crate::rate_limit::{Demand, Limiter, Quotas};
use crate::request::form::Form;
use crate::request::method::only;

/// How often a client may ask unless it is told otherwise: it does so for each of its own callers.
const LIMIT: RateLimit = RateLimit::per_minute(6000);

/// Who asks, and about what.
#[derive(Debug)]
pub struct Inquiry {
    /// Who.
    pub client: Client,
    /// The hash of the token, whatever it is.
    pub digest: String,
    /// The token, if it is one of ours that has not expired.
    pub known: Option<Known>,
    /// How often the client may ask on.
    pub quotas: Quotas,
}

impl Inquiry {
    /// Reads the request to `route`: a form with `token` and, for a token that does not say whose it is, `project_id`.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`](crate::Code::InvalidRequest) and its kin, those of
    /// [`ClientCredentials::authenticate`], [`Code::QuotaExceeded`](crate::Code::QuotaExceeded), or the store's.
    pub async fn read(
        route: &'static str,
        request: &Request,
        (directory, limiter): (&Directory, &Limiter),
        now: Timestamp,
    ) -> Result<Self, Problem> {
        only(request, &Method::POST)?;
        let form = Form::read(request)?;
        let credentials = ClientCredentials::read(request, &form, now)?;
        let project = form.value("project_id").map(str::parse).transpose();
        let project = project.map_err(|_| Problem::invalid("project_id", "is not the id of a project"))?;
        let presented = Presented::read(form.required("token")?, project);
        let mut view = directory.view(now);
        let wanted = presented.lookups();
        let client = credentials.authenticate(&mut view, wanted, |view| presented.then(view), now).await?;
        let (bucket, own) = client.bucket();
        let quotas = limiter.take([Demand::new(route, bucket, own, LIMIT)], now).await?;

        let presented = presented.of(client.project_id());
        let known = presented.verify(&view, now)?;
        Ok(Self { client, digest: presented.digest, known, quotas })
    }
}
