//! The records of the audit log (A4): who changed what, when, and from which address.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClientId, EntityId};

/// How a caller authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The caller signed the request (F10).
    Signature,
    /// The caller sent an access token (K5).
    Bearer,
    /// The caller sent an API key (K2), or its client id and secret (A2).
    ApiKey,
    /// The caller sent a project's client id or API secret (S2).
    Project,
    /// The change was made on the command line, by the operator of the deployment.
    Operator,
}

/// Who made a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    /// The client id that was used. `None` for the operator.
    pub client_id: Option<ClientId>,
    /// How the actor authenticated.
    pub via: Via,
}

/// What was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Target {
    /// `entity`, `integration`, `api_key` or `provider`.
    pub kind: String,
    /// The id of the changed resource.
    pub id: String,
}

/// One record of the audit log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The id of the record. Ids sort by time.
    pub id: uuid::Uuid,
    /// When the change was made.
    pub at: Timestamp,
    /// The action: `entity.create`, `api_key.rotate`, …
    pub action: String,
    /// Who made the change.
    pub actor: Actor,
    /// What was changed.
    pub target: Target,
    /// The entity that owns the changed resource.
    pub entity_id: EntityId,
    /// The source address of the request, as the gateway reported it.
    pub source_ip: Option<String>,
    /// The fields that were set, without secrets.
    pub changes: serde_json::Value,
}

impl AuditRecord {
    /// A new record. `action` is `create`, `update`, `delete`, `rotate` or the like; the kind of the target
    /// is put before it.
    #[must_use]
    pub fn new(
        (actor, source_ip): (Actor, Option<String>),
        action: &str,
        target: Target,
        entity_id: EntityId,
        changes: serde_json::Value,
        now: Timestamp,
    ) -> Self {
        let action = format!("{}.{action}", target.kind);
        Self { id: crate::id::ordered(now), at: now, action, actor, target, entity_id, source_ip, changes }
    }
}
