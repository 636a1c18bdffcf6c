//! `POST /oauth2/revoke`: from now on a token no longer counts (A2, RFC 7009).

use api::{
    Body, BootError, Client, Clock, Endpoint, Inquiry, Known, Limiter, Problem, Reply, Request, Response,
    Start,
};
use model::{AuditRecord, Level, PermissionDenied, Resource, Scope, Target, Timestamp};
use serde_json::json;
use store::{Change, Directory, Registry};

/// What this endpoint needs. It remembers nothing: what it writes is judged by how things are now.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    registry: Registry,
    limiter: Limiter,
    clock: Clock,
}

/// What a client must hold on the entity the token belongs to.
const WRITE: Scope = Scope(Resource::Token, Level::Write);

/// The longest `jti` that names a token in the audit log: a project's server may write what it likes there.
const LONGEST_ID: usize = 64;

impl Endpoint for App {
    const NAME: &'static str = "revocation";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let data_key = start.data_key().await?;
        let directory = start.administering_directory(data_key.clone()).await?;
        let registry = Registry::new(start.table.clone(), data_key);
        Ok(Self { directory, registry, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let now = self.clock.now();
        let inquiry = Inquiry::read(Self::NAME, request, (&self.directory, &self.limiter), now).await?;
        let Inquiry { client, digest, known, quotas } = inquiry;
        let not_foreign = |known: &Known| client.may(WRITE, known) != Err(PermissionDenied::OtherCustomer);
        if let Some(known) = known.filter(|known| !known.revoked && not_foreign(known)) {
            client.may(WRITE, &known)?;
            let change = change(request, &client, &known, &digest, now);
            self.registry.revoke(&digest, known.claims.exp(), &change).await?;
        }
        quotas.told(Ok(Response::new(Body::Empty)))
    }

    fn refuse(problem: &Problem) -> Response<Body> {
        api::oauth_error(problem)
    }
}

/// What goes with the revocation: the token is told by its own id, or else by its hash.
fn change(request: &Request, client: &Client, known: &Known, digest: &str, now: Timestamp) -> Change {
    let fits = |id: &&str| id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
    let id = known.claims.jti().filter(fits).unwrap_or(digest).to_owned();
    let target = Target { kind: "token".to_owned(), id };
    let who = (client.actor(), api::source_ip(request).map(str::to_owned));
    let changes = json!({ "kind": known.claims.kind(), "exp": known.claims.exp() });
    let audit = AuditRecord::new(who, "revoke", target, known.owner.id, changes, now);
    Change { audit, audited_entities: known.owner.path().collect(), idempotency: None }
}
