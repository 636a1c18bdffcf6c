//! `POST /oauth2/token`: issues a short-lived access token for a client's credentials, for the booth itself or for an own
//! API (A2, A7; RFC 6749, 4.4; RFC 8707; RFC 9068).

mod target;

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, ClientCredentials, Clock, Code, Endpoint, ErrorResponse, Form,
    Limiter, Problem, Reply, Request, Start,
};
use crypto::{Algorithm, TokenType};
use model::{ApiClaims, Caller, ClientClaims, RateLimit, Timestamp};
use serde::Serialize;
use store::{Directory, Lookup, View};
use target::Target;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// The rate limit of a client that has none of its own.
const LIMIT: RateLimit = RateLimit::per_minute(300);

/// The maximum length of a `scope` in bytes: 50 scopes of an API with 64 bytes each, and the spaces between them.
const MAX_SCOPE_BYTES: usize = 50 * 65 - 1;

/// The response of RFC 6749, 5.1.
#[derive(Serialize)]
struct Output {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
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
        let form = Form::read_token_request(request)?;
        require_client_credentials(&form)?;
        let credentials = ClientCredentials::read(request, &form, now)?;
        let target = Target::read(&form)?;
        let mut view = self.directory.view(now);
        let also =
            [Lookup::SigningKeys, Lookup::Issuer].into_iter().chain(target.as_ref().map(Target::lookup));
        let second = |view: &View<'_>| target.as_ref().map_or_else(Vec::new, |it| it.second_lookups(view));
        let caller = credentials.authenticate_key(&mut view, also, second).await?;
        let token = match &target {
            None => Token::for_booth(&caller, &form, &view, now)?,
            Some(target) => Token::for_api(target, &caller, &form, &view, now)?,
        };
        let limit = caller.rate_limit().unwrap_or(LIMIT);
        let bucket_request = BucketRequest::new(Self::NAME, BucketKind::Key, caller.client_id(), limit);
        let quotas = self.limiter.take([bucket_request]).await?;
        let output = token.sign(&caller, &view, now)?;
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

/// The token to sign.
enum Token {
    /// For the booth itself.
    Booth(ClientClaims),
    /// For an own API, with the algorithm of the API.
    Api(ApiClaims, Algorithm),
}

impl Token {
    /// A token for the booth. The key's roles must include the scopes in the form (RFC 6749, 3.3).
    fn for_booth(caller: &Caller, form: &Form, view: &View<'_>, now: Timestamp) -> Result<Self, Problem> {
        let scopes = caller.scopes().narrowed(requested_scope(form)?);
        let scopes = scopes.ok_or_else(|| {
            invalid_scope(
                "ask for scopes of the client's roles; for scopes of an API, send its identifier as resource",
            )
        })?;
        Ok(Self::Booth(ClientClaims::new(&view.issuer()?.url, caller.key(), &scopes, now)))
    }

    /// A token for the API that the form names. The client's integration must be granted the scopes in the form (A7).
    fn for_api(
        target: &Target,
        caller: &Caller,
        form: &Form,
        view: &View<'_>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let (api, granted) = target.find(caller, view)?;
        let scopes = granted.narrowed(requested_scope(form)?);
        let scopes = scopes
            .ok_or_else(|| invalid_scope("ask for scopes that the client is granted, separated by spaces"))?;
        let claims = ApiClaims::new(&view.issuer()?.url, &api, caller.key(), &scopes, now);
        Ok(Self::Api(claims, api.algorithm))
    }

    fn sign(self, caller: &Caller, view: &View<'_>, now: Timestamp) -> Result<Output, Problem> {
        let (keys, typ, client_id) = (view.signing_keys()?, TokenType::AccessToken, caller.client_id());
        let (access_token, expires_in, scope) = match self {
            Self::Booth(claims) => {
                let token = keys.sign((Algorithm::RS256, typ), &claims, claims.exp, now)?;
                tracing::info!(target: api::LOG_TARGET, %client_id, jti = claims.jti, "issued");
                (token, claims.exp - claims.iat, claims.scope)
            }
            Self::Api(claims, algorithm) => {
                let token = keys.sign((algorithm, typ), &claims, claims.exp, now)?;
                let (api_id, jti) = (claims.api_id, &claims.jti);
                tracing::info!(target: api::LOG_TARGET, %client_id, %api_id, jti, "issued");
                (token, claims.exp - claims.iat, claims.scope)
            }
        };
        Ok(Output { access_token, token_type: "Bearer", expires_in, scope })
    }
}

/// The `scope` of the form.
fn requested_scope(form: &Form) -> Result<Option<&str>, Problem> {
    match form.value("scope") {
        Some(scope) if scope.len() > MAX_SCOPE_BYTES => Err(invalid_scope("is too long")),
        scope => Ok(scope),
    }
}

fn invalid_scope(detail: &'static str) -> Problem {
    Problem::new(Code::InvalidScope, detail)
}
