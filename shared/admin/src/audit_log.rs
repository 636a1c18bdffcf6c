//! The audit log: who changed what, when, from which address (A4, A13). Notices: refused calls and other events that end.

use model::{Actor, ChainFault, EntityId, Level, Moment, Notice, Resource, Scope, Target, Timestamp};
use serde::Serialize;
use serde_json::Value;
use store::{AuditEntry, AuditFilter, Page, TimeRange};

use crate::{Listing, Result, Session};

const READ: Scope = Scope(Resource::AuditLog, Level::Read);

/// A record of the audit log. The hash covers all fields but `hash` and `source_ip`.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::AuditRecord` or `model::ChainLink`")]
pub struct AuditRecordView {
    pub id: uuid::Uuid,
    pub at: Moment,
    pub action: String,
    pub actor: Actor,
    pub target: Target,
    pub entity_id: EntityId,
    pub ancestors: Vec<EntityId>,
    /// The source address, until its end.
    pub source_ip: Option<String>,
    pub source_ip_hash: Option<String>,
    pub changes: Value,
    pub sequence: Option<u64>,
    pub previous: Option<String>,
    pub hash: Option<String>,
}

/// A notice.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::Notice`")]
pub struct NoticeView {
    pub id: uuid::Uuid,
    pub at: Moment,
    pub action: String,
    pub actor: Actor,
    pub target: Target,
    pub entity_id: EntityId,
    pub source_ip: Option<String>,
    pub details: Value,
    pub expires_at: Moment,
}

/// A page of the audit log, and what is wrong with the chains of its records.
pub type AuditLogPage = (Page<AuditRecordView>, Vec<(EntityId, ChainFault)>);

/// The audit log of an entity and everything below it, the newest record first. Without an entity: of the highest one
/// whose log the caller may read.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn audit_log(
    session: &Session<'_>,
    listing: &Listing,
    filter: &AuditFilter,
) -> Result<AuditLogPage> {
    let entity = readable(session, listing).await?;
    let place = (listing.cursor.as_ref(), listing.limit);
    let read = session.registry.audit_log(entity, filter, place, session.now).await?;
    Ok((read.page.map(view), read.faults))
}

/// The notices of an entity, the newest first. Without an entity: of the highest one whose log the caller may read.
///
/// # Errors
/// [`Error`](crate::Error).
pub async fn notices(session: &Session<'_>, listing: &Listing, times: TimeRange) -> Result<Page<NoticeView>> {
    let entity = readable(session, listing).await?;
    let place = (listing.cursor.as_ref(), listing.limit);
    let page = session.registry.notices(entity, times, place, session.now).await?;
    Ok(page.map(notice_view))
}

/// The entity whose log is asked for, if the caller may read it.
async fn readable(session: &Session<'_>, listing: &Listing) -> Result<EntityId> {
    let id = match listing.entity {
        Some(id) => id,
        None => highest_readable(session)?,
    };
    Ok(session.entity(id, READ).await?.id)
}

fn highest_readable(session: &Session<'_>) -> Result<EntityId> {
    let highest = session.caller.entities_with(READ).min_by_key(|id| id.kind());
    highest.ok_or(model::PermissionDenied::InsufficientGrants.into())
}

fn view(entry: AuditEntry) -> AuditRecordView {
    let AuditEntry { record, source_ip } = entry;
    let (sequence, previous, hash) = match record.link {
        Some(link) => (Some(link.sequence), link.previous, Some(link.hash)),
        None => (None, None, None),
    };
    AuditRecordView {
        id: record.id,
        at: record.at,
        action: record.action,
        actor: record.actor,
        target: record.target,
        entity_id: record.entity_id,
        ancestors: record.ancestors,
        source_ip,
        source_ip_hash: record.source_ip_hash,
        changes: record.changes,
        sequence,
        previous,
        hash,
    }
}

fn notice_view(notice: Notice) -> NoticeView {
    let expires_at = Timestamp::from_second(notice.expires_at).unwrap_or(Timestamp::MAX).into();
    let Notice { id, at, action, actor, target, entity_id, source_ip, details, expires_at: _ } = notice;
    NoticeView { id, at, action, actor, target, entity_id, source_ip, details, expires_at }
}
