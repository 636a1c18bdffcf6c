//! `POST /oauth2/introspect`: returns whether a token is active, and its claims (A2, V9, RFC 7662).

mod wire;

use api::{BootError, Clock, Endpoint, ErrorResponse, Limiter, Problem, Reply, Request, Start, TokenQuery};
use model::{Level, Resource, Scope};
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
        let now = self.clock.now();
        let TokenQuery { client, token, quotas, .. } =
            TokenQuery::read(Self::NAME, request, (&self.directory, &self.limiter), now).await?;
        let active = token.filter(|it| it.in_force && !it.revoked && client.may(READ, it).is_ok());
        quotas.with_headers(api::oauth_reply(&active.as_ref().map_or(Output::INACTIVE, Output::of)))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        api::oauth_error(problem)
    }
}
