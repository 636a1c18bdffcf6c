//! `POST /v1/projects/{project_id}/tokens/verify`: verifies security and user tokens, and returns their
//! fields (X6, X7).

mod wire;

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, Clock, Code, Endpoint, FormFields, Limiter, PlainSignatures,
    Problem, Reply, Request, Start,
};
use model::{Level, PresentedTokens, RateLimit, Resource, Scope, verify_tokens};
use serde::Deserialize;
use store::Directory;
use wire::Output;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    plain_signatures: PlainSignatures,
    limiter: Limiter,
    clock: Clock,
}

/// The scope that a caller needs on the project's entity.
const VERIFY: Scope = Scope(Resource::ProjectToken, Level::Read);

/// The rate limit of a project that has none of its own.
const LIMIT: RateLimit = RateLimit::per_minute(6000);

/// The parameters, named as in a URL (X3).
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
struct Input {
    #[serde(default, deserialize_with = "model::present")]
    xst: Option<String>,
    #[serde(default, deserialize_with = "model::present")]
    xut: Option<String>,
    #[serde(default, deserialize_with = "model::present")]
    xsc: Option<String>,
}

impl Endpoint for App {
    const NAME: &'static str = "token-verification";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.sealed_directory().await?;
        let plain_signatures = start.admin_plain_signatures;
        Ok(Self { directory, plain_signatures, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let now = self.clock.now();
        let id = api::path_parameter(request, "project_id").ok();
        let directory = (&self.directory, self.plain_signatures);
        let access = api::authenticate_for_project(request, id, VERIFY, directory, now).await?;
        let project = &access.open;
        let input: Input = api::form_or_json(request, FormFields::default())?;
        let limit = project.project.rate_limit.unwrap_or(LIMIT);
        let bucket_request = BucketRequest::new(Self::NAME, BucketKind::Project, project.project.id, limit);
        let quotas = self.limiter.take([bucket_request]).await?;
        let Input { xst, xut, xsc } = &input;
        let presented = PresentedTokens { xst: xst.as_deref(), xut: xut.as_deref(), xsc: xsc.as_deref() };
        let verification = verify_tokens(&project.token_sets, &project.project.tokens, presented, now);
        let verified = verification.result.map_err(|refused| {
            Problem::new(Code::TokensRefused, "the tokens are refused").caused_by(refused.0)
        })?;
        quotas.with_headers(api::json_reply(&Output::of(&verified, access.sees_app_keys)))
    }
}
