//! `POST /oauth2/revoke`: revokes a token (A2, RFC 7009).

use api::{
    Body, BootError, Client, Clock, Endpoint, ErrorResponse, Limiter, Problem, Reply, Request, Response,
    Start, TokenQuery, VerifiedToken,
};
use model::{AuditAction, AuditRecord, Level, PermissionDenied, Resource, Scope, Target, Timestamp};
use serde_json::json;
use store::{Change, Directory, Registry};

/// What this endpoint needs. Its directory has no cache: a write must depend on the current state.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    registry: Registry,
    limiter: Limiter,
    clock: Clock,
}

/// The scope that a client needs on the entity that the token belongs to.
const WRITE: Scope = Scope(Resource::Token, Level::Write);

/// The maximum length of a `jti` in the audit log. A project's server can write any text in it.
const MAX_ID_BYTES: usize = 64;

impl Endpoint for App {
    const NAME: &'static str = "revocation";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.administering_directory().await?;
        let registry = Registry::new(start.table.clone(), directory.keys()?.clone());
        Ok(Self { directory, registry, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let now = self.clock.now();
        let TokenQuery { client, digest, token, quotas } =
            TokenQuery::read(Self::NAME, request, (&self.directory, &self.limiter), now).await?;
        let not_foreign =
            |token: &VerifiedToken| client.may(WRITE, token) != Err(PermissionDenied::OtherCustomer);
        if let Some(token) = token.filter(|token| !token.revoked && not_foreign(token)) {
            client.may(WRITE, &token)?;
            let change = change(request, &client, &token, &digest, now);
            self.registry.revoke(&digest, token.claims.exp(), &change).await?;
        }
        quotas.with_headers(Ok(Response::new(Body::Empty)))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        api::oauth_error(problem)
    }
}

/// The audit record of the revocation. It names the token by its `jti`, or else by its hash.
fn change(request: &Request, client: &Client, token: &VerifiedToken, digest: &str, now: Timestamp) -> Change {
    let fits = |id: &&str| id.len() <= MAX_ID_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic());
    let id = token.claims.jti().filter(fits).unwrap_or(digest).to_owned();
    let target = Target::Token(id);
    let who = (client.actor(), api::source_ip(request).map(str::to_owned));
    let changes = json!({ "kind": token.claims.kind(), "exp": token.claims.exp() });
    let audit = AuditRecord::new(who, AuditAction::Revoke, target, token.owner.id, changes, now);
    Change {
        caller: client.versions(),
        audit,
        audited_entities: token.owner.path().collect(),
        idempotency: None,
    }
}
