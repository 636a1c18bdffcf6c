//! What the audit log keeps (A4): who, what, when, from which address.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClientId, EntityId};

/// How a caller proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A signed request (F10).
    Signature,
    /// An access token (K5).
    Bearer,
    /// An API key redeemed (K2), or a client's credentials (A2).
    ApiKey,
    /// A project's client id or API secret (S2).
    Project,
    /// The command line, by whoever holds the deployment.
    Operator,
}

/// Who did it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    /// The key used; none for the operator.
    pub client_id: Option<ClientId>,
    /// How it proved itself.
    pub via: Via,
}

/// What was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Target {
    /// `entity`, `integration`, `api_key` or `provider`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its own id; later ones sort later.
    pub id: uuid::Uuid,
    /// When.
    pub at: Timestamp,
    /// What: `entity.create`, `api_key.rotate`, …
    pub action: String,
    /// Who.
    pub actor: Actor,
    /// On what.
    pub target: Target,
    /// The entity it belongs to.
    pub entity_id: EntityId,
    /// The address the request came from, as the gateway saw it.
    pub source_ip: Option<String>,
    /// The fields that were set, without any secret.
    pub changes: serde_json::Value,
}

impl AuditRecord {
    /// The record of an actor, calling from an address, doing `action` (`create`, `update`, `delete`, `rotate`) on `target`.
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
