//! Customers, organizations and accounts.

use model::{Entity, EntityId, Grants, Name};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::{Claim, Counter, Transaction};
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::{Change, Registry};

impl Registry {
    /// The entity, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entity(&self, id: EntityId) -> Result<Option<Entity>, StoreError> {
        self.table.read(&key::entity(id), "read entity").await
    }

    /// The customer the operator made under that name, whatever it calls itself by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer_id(&self, name: &Name) -> Result<Option<EntityId>, StoreError> {
        const WHAT: &str = "find customer";
        let claim: Option<Claim> = self.table.read(&key::child_name(None, name), WHAT).await?;
        claim.map(|claim| claim.id.parse().map_err(StoreError::damaged(WHAT))).transpose()
    }

    /// The children of `parent`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn children(
        &self,
        parent: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Entity>, StoreError> {
        const WHAT: &str = "list entities";
        let list = List { pk: key::of_entity(parent), prefix: key::CHILD.to_owned(), newest_first: false };
        let page = self.table.page(&list, from, limit, WHAT).await?;
        let ids = page.try_map(|item: Item| {
            let claim: Claim = from_item(item, WHAT)?;
            claim.id.parse().map_err(StoreError::damaged(WHAT))
        })?;
        Ok(Page { items: self.entities(&ids.items).await?, next: ids.next })
    }

    /// Those of `ids` that exist, in that order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entities(&self, ids: &[EntityId]) -> Result<Vec<Entity>, StoreError> {
        const WHAT: &str = "read entities";
        let keys: Vec<_> = ids.iter().map(|&id| key::entity(id)).collect();
        let items = self.table.read_many(&keys, WHAT).await?;
        let mut found =
            items.into_iter().map(|item| from_item(item, WHAT)).collect::<Result<Vec<Entity>, _>>()?;
        found.sort_by_key(|entity| ids.iter().position(|&id| id == entity.id));
        Ok(found)
    }

    /// A new entity under its parent.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the parent), or [`StoreError`].
    pub async fn create_entity(&self, entity: &Entity, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create entity", change)?;
        let name = key::child_name(entity.parent(), &entity.name);
        transaction.create(&name, &Claim::by(entity.id), Refusal::NameTaken)?;
        if let Some(parent) = entity.parent() {
            transaction.count(&key::dependents(parent), 1, None)?;
            transaction.create(&key::child(parent, entity.id), &Claim::by(entity.id), Refusal::Stale)?;
        }
        transaction.create(&key::entity(entity.id), entity, Refusal::Stale)?;
        transaction.create(&key::dependents(entity.id), &Counter { dependents: 0 }, Refusal::Stale)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_entity(
        &self,
        old: &Entity,
        new: &Entity,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change entity", change)?;
        transaction.replace(&key::entity(new.id), new, old.version)?;
        // A customer claims no name but the one the operator knows it by: it could take another's, or find out that
        // there is one.
        if let Some(parent) = old.parent()
            && old.name.folded() != new.name.folded()
        {
            let name = |of: &Name| key::child_name(Some(parent), of);
            transaction.create(&name(&new.name), &Claim::by(new.id), Refusal::NameTaken)?;
            transaction.drop_item(&name(&old.name))?;
        }
        transaction.commit().await
    }

    /// The entity goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`], or [`StoreError`].
    pub async fn delete_entity(&self, entity: &Entity, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete entity", change)?;
        transaction.delete(&key::entity(entity.id), entity.version)?;
        transaction.drop_counter(&key::dependents(entity.id))?;
        if let Some(parent) = entity.parent() {
            transaction.drop_item(&key::child_name(Some(parent), &entity.name))?;
            transaction.drop_item(&key::child(parent, entity.id))?;
            transaction.count(&key::dependents(parent), -1, None)?;
        }
        transaction.commit().await
    }
}

/// Counts what a thing of `owner` with `grants` depends on, going from `before` to `after`: its owner once, and every
/// other entity its grants name once. An entity that is counted on cannot be deleted.
pub(crate) fn count_dependents(
    transaction: &mut Transaction<'_>,
    owner: EntityId,
    before: Option<&Grants>,
    after: Option<&Grants>,
) -> Result<(), StoreError> {
    let names = |grants: Option<&Grants>, id: EntityId| {
        grants.is_some_and(|grants| id == owner || grants.iter().any(|grant| grant.entity_id == id))
    };
    let both = before.into_iter().chain(after).flat_map(Grants::iter).map(|grant| grant.entity_id);
    let mut concerned: Vec<_> = std::iter::once(owner).chain(both).collect();
    concerned.sort_unstable();
    concerned.dedup();
    for id in concerned {
        match (names(before, id), names(after, id)) {
            (false, true) => transaction.count(&key::dependents(id), 1, None)?,
            (true, false) => transaction.count(&key::dependents(id), -1, None)?,
            (true, true) if id != owner => transaction.require_any(&key::dependents(id))?,
            _ => {}
        }
    }
    Ok(())
}
