//! Notices: what expires, or what names end users, is not in the permanent audit log (A13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, AuditAction, EntityId, Moment, Target};

/// The record of an event that is kept for a limited time: a refused call, or a token that its own holder or project revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// The id of the notice. Ids sort by time.
    pub id: uuid::Uuid,
    /// When the event happened.
    pub at: Moment,
    /// The action: `project.refuse_access`, `api_key.refuse_access` or `token.revoke`; or, after an erasure, `project.erase`,
    /// `user.erase` or `entity.erase`.
    pub action: String,
    /// Who made the call.
    pub actor: Actor,
    /// What the call was for. For a refused call of the Admin API: the caller's key.
    pub target: Target,
    /// The entity that the notice belongs to. Entities above it have no copy.
    pub entity_id: EntityId,
    /// The source address of the request, as the gateway reported it.
    pub source_ip: Option<String>,
    /// More about the event, such as the route and the reason of a refusal.
    pub details: serde_json::Value,
    /// When the notice expires, in Unix seconds.
    pub expires_at: i64,
}

/// How long a notice is kept, in seconds, unless it is kept as long as a project's history: 90 days.
const LIFETIME: i64 = 90 * 86_400;

impl Notice {
    /// A new notice, which expires after 90 days. The kind of the target is put before the name of the action.
    #[must_use]
    pub fn new(
        (actor, source_ip): (Actor, Option<String>),
        action: AuditAction,
        target: Target,
        entity_id: EntityId,
        details: serde_json::Value,
        now: Timestamp,
    ) -> Self {
        let action = action.on(&target);
        let expires_at = now.as_second() + LIFETIME;
        let id = crate::id::ordered(now);
        Self { id, at: now.into(), action, actor, target, entity_id, source_ip, details, expires_at }
    }

    /// The same notice with another end, in Unix seconds.
    #[must_use]
    pub fn until(self, expires_at: i64) -> Self {
        Self { expires_at, ..self }
    }
}
