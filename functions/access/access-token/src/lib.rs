//! `POST /v1/token`: an API key is redeemed for a short-lived access token (K1–K6).

use api::http::Method;
use api::{
    Body, BootError, Clock, Code, Credentials, Demand, Denied, Endpoint, Limiter, Problem, Reply, Request,
    Response, Start,
};
use crypto::{Algorithm, Secret, TokenType};
use model::{AccessClaims, Caller, RateLimit};
use serde::{Deserialize, Serialize};
use store::{Directory, Lookup};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// How often a key may be redeemed unless it is told otherwise.
const LIMIT: RateLimit = RateLimit::per_minute(300);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    api_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    token: String,
    expiration_time: i64,
}

/// The longest `apiKey` read; ours have 124 characters.
const LONGEST: usize = 512;

impl Endpoint for App {
    const NAME: &'static str = "access-token";
    const CHALLENGE: &'static str = "API-Key realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.issuing_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let now = self.clock.now();
        let key = api_key(request)?;
        let credentials =
            Credentials::encoded_key(key.reveal()).map_err(|denied| denied.into_problem(now))?;
        let mut view = self.directory.view(now);
        let caller = credentials.authenticate(&mut view, [Lookup::SigningKeys, Lookup::Issuer], now).await;
        let caller = caller.map_err(|denied: Denied| denied.into_problem(now))?;
        must_be_active(&caller)?;
        let demand = Demand::new(Self::NAME, ("key", caller.client_id()), caller.rate_limit(), LIMIT);
        let quotas = self.limiter.take([demand], now).await?;

        let claims = AccessClaims::new(&view.issuer()?.url, caller.client_id(), caller.grants(), now);
        let token =
            view.signing_keys()?.sign((Algorithm::RS256, TokenType::Jwt), &claims, claims.exp, now)?;
        tracing::info!(client_id = %caller.client_id(), jti = claims.jti, "issued");
        quotas.told(api::json_reply(&Output { token, expiration_time: AccessClaims::LIFETIME.as_secs() }))
    }

    fn refuse(problem: &Problem) -> Response<Body> {
        refuse(problem)
    }
}

/// The `apiKey` of the body (K2, K4).
fn api_key(request: &Request) -> Result<Secret, Problem> {
    let input: Input = api::json_or_untyped(request)?;
    if input.api_key.is_empty() || input.api_key.chars().count() > LONGEST {
        return Err(Problem::invalid("apiKey", "must be 1 to 512 characters"));
    }
    Ok(Secret::from(input.api_key))
}

/// The key's entity and all above it must be active (K4), with the API switch on (F2). Said only to who holds the
/// secret.
fn must_be_active(caller: &Caller) -> Result<(), Problem> {
    if caller.is_active() && caller.is_api_enabled() {
        return Ok(());
    }
    Err(Problem::new(Code::EntityDisabled, "the organization is inactive or its API switch is off"))
}

/// The errors of window K: `errorMessage` and `errorCode`; a disabled entity is a 401 here (K4).
fn refuse(problem: &Problem) -> Response<Body> {
    let code = match problem.code() {
        Code::InvalidCredentials => "invalid_api_key",
        Code::EntityDisabled => "organization_inactive",
        Code::UnsupportedMediaType => Code::InvalidRequest.name(),
        other => other.name(),
    };
    let message = match (problem.code(), problem.field()) {
        (Code::InvalidCredentials, _) => "the API key is malformed, unknown, disabled or wrong".to_owned(),
        (_, Some(field)) => format!("{field}: {}", problem.detail()),
        (_, None) => problem.detail().to_owned(),
    };
    let body = serde_json::json!({ "errorMessage": message, "errorCode": code });
    let mut response = problem.response("application/json", &body);
    match problem.code() {
        Code::EntityDisabled => *response.status_mut() = Code::InvalidCredentials.status(),
        Code::UnsupportedMediaType => *response.status_mut() = Code::InvalidRequest.status(),
        _ => {}
    }
    response
}
