//! The claim `entity_path` (A7).

use serde::{Deserialize, Serialize};

use crate::{ApiKey, Entity, EntityId};

/// The entities above the owner of a key or a provider, from the customer down to the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityPath(Vec<EntityId>);

impl EntityPath {
    /// The path of `owner`, whose `ancestors` are in the order from the parent up to the customer.
    #[must_use]
    pub fn new(owner: EntityId, ancestors: &[EntityId]) -> Self {
        Self(ancestors.iter().rev().copied().chain([owner]).collect())
    }

    /// The path of the key's entity.
    #[must_use]
    pub fn of_key(key: &ApiKey) -> Self {
        Self::new(key.entity_id, &key.ancestors)
    }

    /// The path of `owner`.
    #[must_use]
    pub fn of_entity(owner: &Entity) -> Self {
        Self::new(owner.id, &owner.ancestors)
    }

    /// The entities, the customer first.
    pub fn iter(&self) -> impl Iterator<Item = EntityId> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityKind;

    #[test]
    fn a7_a_path_begins_with_the_customer_and_ends_with_the_owner() {
        let id = |kind| EntityId::new(kind, jiff::Timestamp::UNIX_EPOCH);
        let (customer, organization) = (id(EntityKind::Customer), id(EntityKind::Organization));
        let account = id(EntityKind::Account);
        let path = EntityPath::new(account, &[organization, customer]);
        assert_eq!(path.iter().collect::<Vec<_>>(), [customer, organization, account]);
        assert_eq!(EntityPath::new(customer, &[]).iter().collect::<Vec<_>>(), [customer]);
    }
}
