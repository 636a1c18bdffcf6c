//! `POST /oauth2/introspect`: what a token says, and whether it still counts (A2, V9, RFC 7662).

mod wire;

use api::{Body, BootError, Clock, Endpoint, Inquiry, Limiter, Problem, Reply, Request, Response, Start};
use model::{Level, Resource, Scope};
use store::Directory;

use wire::Output;

/// What this endpoint needs: every secret that signs tokens for others, and no signing key of ours.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// What a client must hold on the entity the token belongs to.
const READ: Scope = Scope(Resource::Token, Level::Read);

impl Endpoint for App {
    const NAME: &'static str = "introspection";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.verifying_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    /// Whatever there is to say against a token is said in one way, so that nobody learns about tokens of others.
    async fn handle(&self, request: &Request) -> Reply {
        let now = self.clock.now();
        let inquiry = Inquiry::read(Self::NAME, request, (&self.directory, &self.limiter), now).await?;
        let Inquiry { client, known, quotas, .. } = inquiry;
        let known = known.filter(|it| it.in_force && !it.revoked && client.may(READ, it).is_ok());
        quotas.told(api::oauth_reply(&known.as_ref().map_or(Output::INACTIVE, Output::of)))
    }

    fn refuse(problem: &Problem) -> Response<Body> {
        api::oauth_error(problem)
    }
}
