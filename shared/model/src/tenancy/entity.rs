//! The tree of customers, organizations and accounts, with its switches (F1, F2).

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EntityId, EntityKind, Name};

/// Whether a resource is in use (F1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The resource is in use.
    Active,
    /// The resource is stored and refused in requests.
    Disabled,
}

/// A customer, organization or account. Its place in the tree never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The id, which includes the kind.
    pub id: EntityId,
    /// The name, unique among its siblings.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// The ancestors, from the parent up to the customer. Empty for a customer.
    pub ancestors: Vec<EntityId>,
    /// If an entity is disabled, everything below it is refused (F1).
    pub status: Status,
    /// If this switch is off, keys below the entity are refused (F2).
    pub api_enabled: bool,
    /// If this switch is off, providers below the entity are refused (F2).
    pub secure_anonymous_enabled: bool,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the entity was created.
    pub created_at: Timestamp,
    /// When the entity was last changed.
    pub updated_at: Timestamp,
}

impl Entity {
    /// A new active entity with all switches on. An entity without a parent is a customer.
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

    /// The parent. `None` for a customer.
    #[must_use]
    pub fn parent(&self) -> Option<EntityId> {
        self.ancestors.first().copied()
    }

    /// The customer (tenant) of the entity (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.id)
    }

    /// The entity and its ancestors, starting with the entity.
    pub fn path(&self) -> impl Iterator<Item = EntityId> + '_ {
        std::iter::once(self.id).chain(self.ancestors.iter().copied())
    }

    /// Whether `other` is this entity or one of its ancestors.
    #[must_use]
    pub fn is_at_or_below(&self, other: EntityId) -> bool {
        self.path().any(|id| id == other)
    }
}

/// An entity with all its ancestors. The rules on activity need all of them.
#[derive(Debug, Clone)]
pub struct Lineage(Vec<Arc<Entity>>);

impl Lineage {
    /// The lineage of `entity`. `find` returns its ancestors. Returns `None` if one is missing.
    #[must_use]
    pub fn new(entity: Arc<Entity>, mut find: impl FnMut(EntityId) -> Option<Arc<Entity>>) -> Option<Self> {
        let ancestors = entity.ancestors.iter().map(|&id| find(id)).collect::<Option<Vec<_>>>()?;
        Some(Self(std::iter::once(entity).chain(ancestors).collect()))
    }

    /// The entity and all its ancestors, starting with the entity.
    pub fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.0.iter().map(Arc::as_ref)
    }

    /// Whether the entity and all its ancestors are active (F1).
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.iter().all(|entity| entity.status == Status::Active)
    }

    /// Whether the API switch is on for the entity and all its ancestors (F2).
    #[must_use]
    pub fn is_api_enabled(&self) -> bool {
        self.0.iter().all(|entity| entity.api_enabled)
    }

    /// Whether the Secure Anonymous switch is on for the entity and all its ancestors (F2).
    #[must_use]
    pub fn is_secure_anonymous_enabled(&self) -> bool {
        self.0.iter().all(|entity| entity.secure_anonymous_enabled)
    }
}
