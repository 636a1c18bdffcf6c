//! `GET /admin/v1/audit-log`: who changed what, when, from which address (A4).

use api::http::Method;
use api::{Admin, BootError, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{AuditRecord, EntityId, Level, Resource, Scope};
use store::Page;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::AuditLog, Level::Read);

impl Endpoint for App {
    const NAME: &'static str = "audit-log";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::GET)?;
        let session = self.admin.session(request).await?;
        let paging = Paging::read(request, Some("entity_id"))?;
        let id = match &paging.filter {
            Some(text) => {
                text.parse().map_err(|_| Problem::invalid("entity_id", "must be an entity's id"))?
            }
            None => highest(&session)?,
        };
        let entity = session.entity(id, READ).await?;
        let from = paging.cursor.as_ref();
        let log = self.admin.registry.audit_log(entity.id, from, paging.limit, session.now).await?;
        page(&log)
    }
}

fn page(log: &Page<AuditRecord>) -> Reply {
    Session::page(log, |record| record.clone())
}

/// The highest entity whose log the caller may read.
fn highest(session: &Session<'_>) -> Result<EntityId, Problem> {
    let readable = session.caller.grants().iter().filter(|grant| grant.role.allows(READ));
    readable
        .map(|grant| grant.entity_id)
        .min_by_key(|id| id.kind())
        .ok_or(model::PermissionDenied::InsufficientGrants.into())
}
