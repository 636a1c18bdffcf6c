//! The tree Customer > Organization > Account, its switches, and what is active in it (F1, F2).

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EntityId, EntityKind, Name};

/// Whether a thing works or is stopped (F1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It works.
    Active,
    /// It is stored and does not work.
    Disabled,
}

/// A customer, organization or account. It never moves in the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Its id, which tells its kind.
    pub id: EntityId,
    /// Its name, unique among its siblings.
    pub name: Name,
    /// From its parent up to the customer; empty for a customer.
    pub ancestors: Vec<EntityId>,
    /// Disabling it refuses everything under it (F1).
    pub status: Status,
    /// Off: keys under it stop working (F2).
    pub api_enabled: bool,
    /// Off: providers under it stop working (F2).
    pub secure_anonymous_enabled: bool,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Entity {
    /// A new one, active and with its switches on; without a parent it is a customer.
    #[must_use]
    pub fn new(kind: EntityKind, parent: Option<&Self>, name: Name, now: Timestamp) -> Self {
        Self {
            id: EntityId::new(kind, now),
            name,
            ancestors: parent.map(|parent| parent.path().collect()).unwrap_or_default(),
            status: Status::Active,
            api_enabled: true,
            secure_anonymous_enabled: true,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its parent; none for a customer.
    #[must_use]
    pub fn parent(&self) -> Option<EntityId> {
        self.ancestors.first().copied()
    }

    /// The tenant it belongs to (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.id)
    }

    /// It and its ancestors, itself first.
    pub fn path(&self) -> impl Iterator<Item = EntityId> + '_ {
        std::iter::once(self.id).chain(self.ancestors.iter().copied())
    }

    /// Whether `other` is this entity or an ancestor of it.
    #[must_use]
    pub fn is_at_or_below(&self, other: EntityId) -> bool {
        self.path().any(|id| id == other)
    }
}

/// An entity with all its ancestors, itself first: what rules on activity are asked of.
#[derive(Debug, Clone)]
pub struct Lineage(Vec<Arc<Entity>>);

impl Lineage {
    /// The lineage of `entity`, given all its ancestors; `None` if one is missing.
    #[must_use]
    pub fn new(entity: Arc<Entity>, mut find: impl FnMut(EntityId) -> Option<Arc<Entity>>) -> Option<Self> {
        let ancestors = entity.ancestors.iter().map(|&id| find(id)).collect::<Option<Vec<_>>>()?;
        Some(Self(std::iter::once(entity).chain(ancestors).collect()))
    }

    /// Whether it and everything above it is active (F1).
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.iter().all(|entity| entity.status == Status::Active)
    }

    /// Whether the API switch is on here and everywhere above (F2).
    #[must_use]
    pub fn is_api_enabled(&self) -> bool {
        self.0.iter().all(|entity| entity.api_enabled)
    }

    /// Whether the Secure Anonymous switch is on here and everywhere above (F2).
    #[must_use]
    pub fn is_secure_anonymous_enabled(&self) -> bool {
        self.0.iter().all(|entity| entity.secure_anonymous_enabled)
    }
}
