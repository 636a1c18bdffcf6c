//! `POST /oauth2/introspect`: returns whether a token is active, and its claims (A2, V9, V10, RFC 7662).

mod wire;

use api::{
    BootError, Clock, Endpoint, ErrorResponse, Limiter, PartnerQuery, Problem, Quotas, Reply, Request, Start,
    TokenQuery, VerifiedToken,
};
use model::{Level, Resource, Scope, Timestamp};
use store::Directory;

use wire::Output;

/// What this endpoint needs. It opens the secrets of sites and projects, and no signing key of the deployment.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// The scope that a client needs on the entity that the token belongs to.
const READ: Scope = Scope(Resource::Token, Level::Read);

impl Endpoint for App {
    const NAME: &'static str = "introspection";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.sealed_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    /// Every token that is not active, or not for this client, gets the same response. So a client learns nothing about
    /// the tokens of others.
    async fn handle(&self, request: &Request) -> Reply {
        let (visible, quotas) = self.visible_token(request, self.clock.now()).await?;
        let active = visible.filter(|token| token.in_force && !token.revoked);
        quotas.with_headers(api::oauth_reply(&active.as_ref().map_or(Output::INACTIVE, Output::of)))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        api::oauth_error(problem)
    }
}

impl App {
    /// The token in the request, if the client or partner that sent it may see it.
    async fn visible_token(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<(Option<VerifiedToken>, Quotas), Problem> {
        let state = (&self.directory, &self.limiter);
        if PartnerQuery::is_requested(request) {
            let PartnerQuery { token, quotas } = PartnerQuery::read(Self::NAME, request, state, now).await?;
            return Ok((token, quotas));
        }
        let TokenQuery { client, token, quotas, .. } =
            TokenQuery::read(Self::NAME, request, state, now).await?;
        Ok((token.filter(|token| client.may(READ, token).is_ok()), quotas))
    }
}
