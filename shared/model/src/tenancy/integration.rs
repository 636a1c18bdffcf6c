//! API integrations and their grants (F3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::object::Object;
use crate::{ApiGrants, Entity, EntityId, IntegrationId, Name, Role, Scopes};

/// A role on an entity and everything below it (F3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The entity.
    pub entity_id: EntityId,
}

/// 1 to 10 grants without duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Object<Grant>>", into = "Vec<Grant>")]
pub struct Grants(Vec<Grant>);

/// The list of grants is empty, longer than 10, or has duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 10 grants, none twice")]
pub struct InvalidGrants;

impl Grants {
    /// The grants.
    pub fn iter(&self) -> impl Iterator<Item = Grant> + '_ {
        self.0.iter().copied()
    }

    /// The scopes of all grants together (K6).
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        Scopes::of(self.iter().map(|grant| grant.role))
    }

    /// Whether a grant is higher than the recommended `launchpad_user` (F7).
    #[must_use]
    pub fn are_privileged(&self) -> bool {
        self.iter().any(|grant| grant.role != Role::LaunchpadUser)
    }
}

impl TryFrom<Vec<Object<Grant>>> for Grants {
    type Error = InvalidGrants;

    fn try_from(grants: Vec<Object<Grant>>) -> Result<Self, InvalidGrants> {
        Self::try_from(grants.into_iter().map(|Object(grant)| grant).collect::<Vec<_>>())
    }
}

impl TryFrom<Vec<Grant>> for Grants {
    type Error = InvalidGrants;

    fn try_from(grants: Vec<Grant>) -> Result<Self, InvalidGrants> {
        let twice =
            grants.iter().enumerate().any(|(at, grant)| grants.iter().skip(at + 1).any(|it| it == grant));
        if (1..=10).contains(&grants.len()) && !twice { Ok(Self(grants)) } else { Err(InvalidGrants) }
    }
}

impl From<Grants> for Vec<Grant> {
    fn from(grants: Grants) -> Self {
        grants.0
    }
}

/// The identity of a machine. It belongs to an entity, has grants, and owns keys (F3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// The id.
    pub id: IntegrationId,
    /// The entity that owns the integration. All grants are at or below this entity.
    pub entity_id: EntityId,
    /// The name, unique in the entity.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// The grants of its keys.
    pub grants: Grants,
    /// The own APIs that its keys get tokens for, with the scopes (A7).
    #[serde(default)]
    pub api_grants: ApiGrants,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the integration was created.
    pub created_at: Timestamp,
    /// When the integration was last changed.
    pub updated_at: Timestamp,
}

impl Integration {
    /// A new integration of `owner`.
    #[must_use]
    pub fn new(owner: &Entity, name: Name, grants: Grants, now: Timestamp) -> Self {
        Self {
            id: IntegrationId::new(now),
            entity_id: owner.id,
            name,
            grants,
            api_grants: ApiGrants::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}
