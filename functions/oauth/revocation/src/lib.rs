//! `POST /oauth2/revoke`: revokes a token (A2, RFC 7009).

use api::{
    AuditHead, Body, BootError, BucketKind, BucketRequest, Claims, Client, Clock, Endpoint, ErrorResponse,
    Limiter, Problem, Reply, Request, Response, Start, TokenQuery, VerifiedToken,
};
use model::{
    Actor, AuditAction, AuditRecord, Level, Notice, PermissionDenied, RateLimit, Resource, Scope, Target,
    Timestamp,
};
use serde_json::{Value, json};
use store::{AuditReceipt, Change, Directory, Registry, RevocationRecord};

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

/// The limit for notices about revocations of one client's own tokens. Each client can make and revoke any number of its own
/// tokens. The log has every revocation.
const NOTICE_LIMIT: RateLimit = RateLimit::per_hour(10);

impl Endpoint for App {
    const NAME: &'static str = "revocation";
    const CHALLENGE: &'static str = api::BASIC_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.administering_directory().await?;
        let registry = Registry::new(start.table.clone(), directory.keys()?.clone())
            .keeping_addresses(start.audit_address_days);
        Ok(Self { directory, registry, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let now = self.clock.now();
        let TokenQuery { client, digest, token, quotas } =
            TokenQuery::read(Self::NAME, request, (&self.directory, &self.limiter), now).await?;
        let not_foreign =
            |token: &VerifiedToken| client.may(WRITE, token) != Err(PermissionDenied::OtherCustomer);
        let mut response = Response::new(Body::Empty);
        if let Some(token) = token.filter(|token| !token.revoked && not_foreign(token)) {
            client.may(WRITE, &token)?;
            let revocation = Revocation { request, client: &client, token: &token, digest: &digest, now };
            if let Some(head) = self.revoke(&revocation).await? {
                response.extensions_mut().insert(head);
            }
        }
        quotas.with_headers(Ok(response))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        api::oauth_error(problem)
    }
}

/// A token that a client may revoke.
struct Revocation<'a> {
    request: &'a Request,
    client: &'a Client,
    token: &'a VerifiedToken,
    digest: &'a str,
    now: Timestamp,
}

impl App {
    /// Revokes the token. A revocation of another caller's token is recorded in the permanent audit log, and the result is
    /// the head of its chain. A client's revocations of its own tokens are notices, because a client can make any number of
    /// them (A13).
    async fn revoke(&self, revocation: &Revocation<'_>) -> Result<Option<AuditHead>, Problem> {
        let Revocation { client, token, digest, .. } = revocation;
        let exp = token.claims.exp();
        if client.owns(token) {
            let notice = self.may_write_notice(client).await.then(|| revocation.notice());
            let record = RevocationRecord::Temporary { caller: client.items(), notice: notice.as_ref() };
            self.registry.revoke(digest, exp, record).await?;
            return Ok(None);
        }
        let receipt = AuditReceipt::default();
        let change = Change::new(client.items(), revocation.audit_record());
        let change = Change { receipt: receipt.clone(), ..change };
        self.registry.revoke(digest, exp, RevocationRecord::Permanent(&change)).await?;
        let head = receipt.head();
        Ok(head.map(|(entity, head)| AuditHead {
            entity: *entity,
            sequence: head.sequence,
            hash: head.hash.clone(),
        }))
    }

    async fn may_write_notice(&self, client: &Client) -> bool {
        let Actor { client_id, .. } = client.actor();
        let id = client_id.map(|id| id.to_string()).unwrap_or_default();
        let bucket = BucketRequest::new(Self::NAME, BucketKind::Notice, id, NOTICE_LIMIT);
        self.limiter.take([bucket]).await.is_ok()
    }
}

impl Revocation<'_> {
    fn audit_record(&self) -> AuditRecord {
        let (target, owner) = (self.target(), &self.token.owner);
        AuditRecord::new(self.caller(), AuditAction::Revoke, target, owner, self.details(), self.now)
    }

    fn notice(&self) -> Notice {
        let (target, owner) = (self.target(), self.token.owner.id);
        Notice::new(self.caller(), AuditAction::Revoke, target, owner, self.details(), self.now)
    }

    fn caller(&self) -> (Actor, Option<String>) {
        (self.client.actor(), api::source_ip(self.request).map(str::to_owned))
    }

    /// The token, by its `jti` or else by its hash. A token of a site or a project is named by its hash, because whoever has
    /// the secret can write anything into `jti`, such as the name of a user.
    fn target(&self) -> Target {
        let own_id = match &self.token.claims {
            Claims::Device { .. } | Claims::Signed { .. } => None,
            claims => claims.jti(),
        };
        Target::Token(own_id.unwrap_or(self.digest).to_owned())
    }

    fn details(&self) -> Value {
        json!({ "kind": self.token.claims.kind(), "exp": self.token.claims.exp() })
    }
}
