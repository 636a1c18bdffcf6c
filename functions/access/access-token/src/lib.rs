//! `POST /v1/token`: redeems an API key for a short-lived access token (K1–K7).

use api::http::{Method, StatusCode};
use api::{
    BootError, BucketKind, BucketRequest, Clock, Code, Credentials, Endpoint, ErrorResponse, Limiter, Party,
    Problem, Reply, Request, Start,
};
use crypto::{Algorithm, Secret, TokenType};
use model::{AccessClaims, RateLimit};
use serde::{Deserialize, Serialize};
use store::{Directory, Lookup};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// The rate limit of a key that has none of its own.
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

/// The maximum length of an `apiKey` in characters. Our keys have 124.
const MAX_KEY_LENGTH: usize = 512;

impl Endpoint for App {
    const NAME: &'static str = "access-token";
    const CHALLENGE: &'static str = "API-Key realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.issuing_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let now = self.clock.now();
        let key = api_key(request)?;
        let credentials = Credentials::encoded_key(key.reveal(), now)?;
        let mut view = self.directory.view(now);
        let caller = credentials.authenticate(&mut view, [Lookup::SigningKeys, Lookup::Issuer]).await?;
        Party::ApiKey.require_switched_on(api::is_caller_on(&caller))?;
        let limit = caller.rate_limit().unwrap_or(LIMIT);
        let bucket_request = BucketRequest::new(Self::NAME, BucketKind::Key, caller.client_id(), limit);
        let quotas = self.limiter.take([bucket_request]).await?;

        let claims = AccessClaims::new(&view.issuer()?.url, caller.key(), &caller.scopes(), now);
        let token =
            view.signing_keys()?.sign((Algorithm::RS256, TokenType::Jwt), &claims, claims.exp, now)?;
        tracing::info!(target: api::LOG_TARGET, client_id = %caller.client_id(), jti = claims.jti, "issued");
        quotas.with_headers(api::json_reply(&Output {
            token,
            expiration_time: AccessClaims::LIFETIME.as_secs(),
        }))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        refuse(problem)
    }
}

/// Reads the `apiKey` from the body (K2, K4).
fn api_key(request: &Request) -> Result<Secret, Problem> {
    let input: Input = api::json_of_any_client(request)?;
    if input.api_key.is_empty() || input.api_key.chars().count() > MAX_KEY_LENGTH {
        return Err(Problem::invalid("apiKey", "must be 1 to 512 characters"));
    }
    Ok(Secret::from(input.api_key))
}

/// The errors of window K: `errorMessage` and `errorCode`. A disabled entity is a 401 here, which only a caller with the
/// right secret gets (K4).
fn refuse(problem: &Problem) -> ErrorResponse {
    let (code, status) = match problem.code() {
        Code::InvalidCredentials => ("invalid_api_key", StatusCode::UNAUTHORIZED),
        Code::EntityDisabled => ("organization_inactive", StatusCode::UNAUTHORIZED),
        Code::UnsupportedMediaType => (Code::InvalidRequest.name(), StatusCode::BAD_REQUEST),
        other => (other.name(), other.status()),
    };
    let message = match (problem.code(), problem.field()) {
        (Code::InvalidCredentials, _) => "the API key is malformed, unknown, disabled or wrong".to_owned(),
        (Code::EntityDisabled, _) => "the organization is inactive or its API switch is off".to_owned(),
        (_, Some(field)) => format!("{field}: {}", problem.detail()),
        (_, None) => problem.detail().to_owned(),
    };
    let body = serde_json::json!({ "errorMessage": message, "errorCode": code });
    ErrorResponse { code, response: problem.response_with_status(status, "application/json", &body) }
}
