//! `POST /v1/projects/{project_id}/tokens/verify`: what security and user tokens say, or the one refusal (X6, X7).

mod output;

use api::http::Method;
use api::{BootError, Clock, Code, Demand, Endpoint, Limiter, Problem, Reply, Request, Start};
use model::{Level, PresentedTokens, RateLimit, Resource, Scope, verify_tokens};
use output::Output;
use serde::Deserialize;
use store::Directory;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// What a caller must hold on the project's entity.
const VERIFY: Scope = Scope(Resource::ProjectToken, Level::Read);

/// How often a project's tokens may be verified unless it is told otherwise.
const LIMIT: RateLimit = RateLimit::per_minute(6000);

/// The parameters as a URL has them (X3).
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
        let directory = start.sealed_directory(start.data_key().await?).await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let now = self.clock.now();
        let id = api::path_parameter(request, "project_id").ok();
        let access = api::project_for(request, id, VERIFY, &self.directory, now).await?;
        let project = &access.open;
        let input: Input = api::form_or_json(request, &[])?;
        let demand =
            Demand::new(Self::NAME, ("project", project.project.id), project.project.rate_limit, LIMIT);
        let quotas = self.limiter.take([demand], now).await?;
        let Input { xst, xut, xsc } = &input;
        let presented = PresentedTokens { xst: xst.as_deref(), xut: xut.as_deref(), xsc: xsc.as_deref() };
        let verification = verify_tokens(&project.token_sets, &project.project.tokens, presented, now);
        let verified = verification.result.map_err(|refused| {
            Problem::new(Code::TokensRefused, "the tokens are refused").caused_by(refused.0)
        });
        quotas.told(api::json_reply(&Output::of(&verified?, access.sees_app_keys)))
    }
}
