//! The audit log: who changed what, when, from which address (A4).

use model::{AuditRecord, EntityId, Level, Resource, Scope};
use store::Page;

use crate::{Listing, Result, Session};

const READ: Scope = Scope(Resource::AuditLog, Level::Read);

/// The audit log of an entity and everything below it, the newest record first. Without an entity: of the highest one
/// whose log the caller may read.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn audit_log(session: &Session<'_>, listing: &Listing) -> Result<Page<AuditRecord>> {
    let id = match listing.entity {
        Some(id) => id,
        None => highest_readable(session)?,
    };
    let entity = session.entity(id, READ).await?;
    let (cursor, limit) = (listing.cursor.as_ref(), listing.limit);
    Ok(session.registry.audit_log(entity.id, cursor, limit, session.now).await?)
}

fn highest_readable(session: &Session<'_>) -> Result<EntityId> {
    let highest = session.caller.entities_with(READ).min_by_key(|id| id.kind());
    highest.ok_or(model::PermissionDenied::InsufficientGrants.into())
}
