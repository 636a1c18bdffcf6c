//! The permanent record of one change (A4, A13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, AuditAction, ChainLink, Entity, EntityId, Moment, Target};

/// The record of one change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The id of the record. Ids sort by time.
    pub id: uuid::Uuid,
    /// When the change was made.
    pub at: Moment,
    /// The action: `entity.create`, `api_key.rotate`, …
    pub action: String,
    /// Who made the change.
    pub actor: Actor,
    /// What was changed.
    pub target: Target,
    /// The entity concerned: the one that owns the changed resource. The record is in its chain.
    pub entity_id: EntityId,
    /// The entities above it, whose logs have a copy of the record. Records from before the chain have none.
    #[serde(default)]
    pub ancestors: Vec<EntityId>,
    /// The source address of the request, as the gateway reported it. A stored record of the chain has only its hash; the
    /// address is in an item that expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<String>,
    /// A keyed hash of the customer and the source address: equal addresses of one customer have equal hashes.
    #[serde(default)]
    pub source_ip_hash: Option<String>,
    /// The fields that were set, without secrets.
    pub changes: serde_json::Value,
    /// The place in the chain. `None` before the record is stored, and in records from before the chain.
    #[serde(flatten)]
    pub link: Option<ChainLink>,
}

impl AuditRecord {
    /// A new record of a change to `target`, which belongs to `owner`. The kind of the target is put before the name of the
    /// action.
    #[must_use]
    pub fn new(
        (actor, source_ip): (Actor, Option<String>),
        action: AuditAction,
        target: Target,
        owner: &Entity,
        changes: serde_json::Value,
        now: Timestamp,
    ) -> Self {
        Self {
            id: crate::id::ordered(now),
            at: now.into(),
            action: action.on(&target),
            actor,
            target,
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            source_ip,
            source_ip_hash: None,
            changes,
            link: None,
        }
    }

    /// The entities whose logs have the record: the entity concerned and those above it.
    pub fn entities(&self) -> impl Iterator<Item = EntityId> + '_ {
        std::iter::once(self.entity_id).chain(self.ancestors.iter().copied())
    }

    /// The customer of the entity concerned.
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }
}
