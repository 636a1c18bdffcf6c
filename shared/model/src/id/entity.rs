//! Ids of entities (F1).

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{MalformedId, canonical, ordered};

/// The levels of the entity tree (F1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// The root of a tree: one tenant (A6).
    Customer,
    /// A child of a customer.
    Organization,
    /// A child of an organization.
    Account,
}

impl EntityKind {
    /// The kind of the children. `None` for accounts (F1).
    #[must_use]
    pub const fn child(self) -> Option<Self> {
        match self {
            Self::Customer => Some(Self::Organization),
            Self::Organization => Some(Self::Account),
            Self::Account => None,
        }
    }

    /// The name in ids and responses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Organization => "organization",
            Self::Account => "account",
        }
    }
}

/// The id of an entity: `customer-<uuid>`, `organization-<uuid>` or `account-<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityId {
    kind: EntityKind,
    uuid: Uuid,
}

impl EntityId {
    /// A new id. Ids sort by time.
    #[must_use]
    pub fn new(kind: EntityKind, now: jiff::Timestamp) -> Self {
        Self { kind, uuid: ordered(now) }
    }

    /// The kind of the entity.
    #[must_use]
    pub const fn kind(self) -> EntityKind {
        self.kind
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.name(), self.uuid)
    }
}

impl std::str::FromStr for EntityId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let (kind, uuid) = text.split_once('-').ok_or(MalformedId)?;
        let kind = match kind {
            "customer" => EntityKind::Customer,
            "organization" => EntityKind::Organization,
            "account" => EntityKind::Account,
            _ => return Err(MalformedId),
        };
        Ok(Self { kind, uuid: canonical(uuid)? })
    }
}

as_text!(EntityId);
