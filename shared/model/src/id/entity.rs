//! Ids of entities (F1).

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{MalformedId, canonical, ordered};

/// The three levels of the tree (F1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// The root: one tenant (A6).
    Customer,
    /// Below a customer.
    Organization,
    /// Below an organization.
    Account,
}

impl EntityKind {
    /// The kind of this kind's children, if it has any (F1).
    #[must_use]
    pub const fn child(self) -> Option<Self> {
        match self {
            Self::Customer => Some(Self::Organization),
            Self::Organization => Some(Self::Account),
            Self::Account => None,
        }
    }

    /// Its name in ids and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Organization => "organization",
            Self::Account => "account",
        }
    }
}

/// `customer-<uuid>`, `organization-<uuid>` or `account-<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityId {
    kind: EntityKind,
    uuid: Uuid,
}

impl EntityId {
    /// A new id; ids made later sort later.
    #[must_use]
    pub fn new(kind: EntityKind, now: jiff::Timestamp) -> Self {
        Self { kind, uuid: ordered(now) }
    }

    /// Where in the tree it stands.
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
