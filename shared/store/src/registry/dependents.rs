//! Counting what depends on an entity, so that no entity is deleted while something depends on it.

use model::{EntityId, Grants};

use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::StoreError;

/// The grants of an integration or provider, before and after a change.
#[derive(Debug)]
pub(crate) struct GrantsChange<'a> {
    /// The entity that owns the integration or provider.
    pub(crate) owner: EntityId,
    /// `None` if the change creates it.
    pub(crate) before: Option<&'a Grants>,
    /// `None` if the change deletes it.
    pub(crate) after: Option<&'a Grants>,
}

impl GrantsChange<'_> {
    /// Updates the counters of the owner and of every entity that the grants name. Each counts the integration or
    /// provider once. Fails with [`Refusal::Gone`](crate::Refusal::Gone) if one of the entities does not exist.
    pub(crate) fn count(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        for id in self.entities() {
            let counter = key::entity_dependents(id);
            match (self.depends(self.before, id), self.depends(self.after, id)) {
                (false, true) => transaction.increment(&counter)?,
                (true, false) => transaction.decrement(&counter)?,
                (true, true) if id != self.owner => transaction.require_exists(&counter)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The owner and all entities that the grants name, each once.
    fn entities(&self) -> Vec<EntityId> {
        let grants = self.before.into_iter().chain(self.after).flat_map(Grants::iter);
        let mut ids: Vec<_> =
            std::iter::once(self.owner).chain(grants.map(|grant| grant.entity_id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn depends(&self, grants: Option<&Grants>, id: EntityId) -> bool {
        grants.is_some_and(|grants| id == self.owner || grants.iter().any(|grant| grant.entity_id == id))
    }
}
