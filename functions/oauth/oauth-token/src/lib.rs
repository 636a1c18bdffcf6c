//! `POST /oauth2/token`: a client's credentials are exchanged for a short-lived access token (A2, RFC 6749, 4.4;
//! RFC 9068).

use api::http::Method;
use api::{
    Body, BootError, ClientCredentials, Clock, Code, Demand, Endpoint, Form, Limiter, Problem, Reply,
    Request, Response, Start,
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

/// How often a client may ask unless it is told otherwise.
const LIMIT: RateLimit = RateLimit::per_minute(300);

/// The longest `scope` read; all there are take some 200 characters.
const LONGEST_SCOPE: usize = 1000;

/// The answer of RFC 6749, 5.1.
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
        api::only(request, &Method::POST)?;
        let now = self.clock.now();
        let form = Form::read(request)?;
        must_be_client_credentials(&form)?;
        let credentials = ClientCredentials::read(request, &form, now)?;
        let mut view = self.directory.view(now);
        let caller =
            credentials.authenticate_key(&mut view, [Lookup::SigningKeys, Lookup::Issuer], now).await?;
        let scopes = scopes(&caller, &form)?;
        let demand = Demand::new(Self::NAME, ("key", caller.client_id()), caller.rate_limit(), LIMIT);
        let quotas = self.limiter.take([demand], now).await?;

        let claims = ClientClaims::new(&view.issuer()?.url, caller.client_id(), &scopes, now);
        let as_what = (Algorithm::RS256, TokenType::AccessToken);
        let access_token = view.signing_keys()?.sign(as_what, &claims, claims.exp, now)?;
        tracing::info!(client_id = %caller.client_id(), jti = claims.jti, "issued");
        let expires_in = ClientClaims::LIFETIME.as_secs();
        let output = Output { access_token, token_type: "Bearer", expires_in, scope: &claims.scope };
        quotas.told(api::oauth_reply(&output))
    }

    fn refuse(problem: &Problem) -> Response<Body> {
        api::oauth_error(problem)
    }
}

/// The one grant there is: nobody stands behind a client but itself.
fn must_be_client_credentials(form: &Form) -> Result<(), Problem> {
    match form.required("grant_type")? {
        "client_credentials" => Ok(()),
        _ => Err(Problem::new(Code::UnsupportedGrantType, "use grant_type client_credentials")),
    }
}

/// What is asked for, which must be part of what the key's roles give (RFC 6749, 3.3).
fn scopes(caller: &Caller, form: &Form) -> Result<Scopes, Problem> {
    let asked = form.value("scope");
    let fits = asked.is_none_or(|asked| asked.len() <= LONGEST_SCOPE);
    let scopes = caller.grants().scopes().narrowed(asked).filter(|_| fits);
    scopes.ok_or_else(|| {
        Problem::new(Code::InvalidScope, "ask for scopes of the client's roles, separated by spaces")
    })
}
