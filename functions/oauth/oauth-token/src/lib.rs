//! `POST /oauth2/token`: issues a short-lived access token for a client's credentials (A2; RFC 6749, 4.4; RFC 9068).

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, ClientCredentials, Clock, Code, Endpoint, ErrorResponse, Form,
    Limiter, Problem, Reply, Request, Start,
};
use crypto::{Algorithm, TokenType};
use model::{Caller, ClientClaims, RateLimit, Scopes};
use serde::Serialize;
use store::{Directory, Lookup};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// The rate limit of a client that has none of its own.
const LIMIT: RateLimit = RateLimit::per_minute(300);

/// The maximum length of a `scope` in bytes. All scopes together take about 200.
const MAX_SCOPE_BYTES: usize = 1000;

/// The response of RFC 6749, 5.1.
#[derive(Serialize)]
struct Output<'a> {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
}

impl Endpoint for App {
    const NAME: &'static str = "oauth-token";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.issuing_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let now = self.clock.now();
        let form = Form::read(request)?;
        require_client_credentials(&form)?;
        let credentials = ClientCredentials::read(request, &form, now)?;
        let mut view = self.directory.view(now);
        let caller = credentials.authenticate_key(&mut view, [Lookup::SigningKeys, Lookup::Issuer]).await?;
        let scopes = scopes(&caller, &form)?;
        let limit = caller.rate_limit().unwrap_or(LIMIT);
        let bucket_request = BucketRequest::new(Self::NAME, BucketKind::Key, caller.client_id(), limit);
        let quotas = self.limiter.take([bucket_request]).await?;

        let claims = ClientClaims::new(&view.issuer()?.url, caller.key(), &scopes, now);
        let header = (Algorithm::RS256, TokenType::AccessToken);
        let access_token = view.signing_keys()?.sign(header, &claims, claims.exp, now)?;
        tracing::info!(target: api::LOG_TARGET, client_id = %caller.client_id(), jti = claims.jti, "issued");
        let expires_in = ClientClaims::LIFETIME.as_secs();
        let output = Output { access_token, token_type: "Bearer", expires_in, scope: &claims.scope };
        quotas.with_headers(api::oauth_reply(&output))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        api::oauth_error(problem)
    }
}

/// Checks the grant type. A client acts for itself, so there is only one.
fn require_client_credentials(form: &Form) -> Result<(), Problem> {
    match form.required("grant_type")? {
        "client_credentials" => Ok(()),
        _ => Err(Problem::new(Code::UnsupportedGrantType, "use grant_type client_credentials")),
    }
}

/// The scopes of the token: the scopes in the form. The key's roles must include them (RFC 6749, 3.3).
fn scopes(caller: &Caller, form: &Form) -> Result<Scopes, Problem> {
    let requested = form.value("scope");
    let is_short = requested.is_none_or(|scope| scope.len() <= MAX_SCOPE_BYTES);
    let granted = caller.scopes().narrowed(requested).filter(|_| is_short);
    granted.ok_or_else(|| {
        Problem::new(Code::InvalidScope, "ask for scopes of the client's roles, separated by spaces")
    })
}
