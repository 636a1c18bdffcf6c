//! Customers, organizations and accounts.

use model::{ClientId, Entity, EntityId, Erased, Name};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, List};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::transaction::claim::Claim;
use crate::erasure::request_erasure;
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;

impl Registry {
    /// Reads an entity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entity(&self, id: EntityId) -> Result<Option<Entity>, StoreError> {
        self.table.read(&key::entity(id), "read entity").await
    }

    /// Finds the customer that the operator created under `name`, also after a customer administrator renamed it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer_id(&self, name: &Name) -> Result<Option<EntityId>, StoreError> {
        const STEP: &str = "find customer";
        let claim: Option<Claim> = self.table.read(&key::child_name(None, name).name, STEP).await?;
        claim.map(|claim| claim.id.parse().map_err(StoreError::damaged(STEP))).transpose()
    }

    /// Reads one page of the children of `parent`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn children(
        &self,
        parent: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Entity>, ListError> {
        let item_key = |id: &str| id.parse().map(key::entity);
        self.page_of_claimed(&key::children(parent), cursor, limit, item_key, "list entities").await
    }

    /// Reads one page of the entities `ids`, which are all entities that `caller` has grants on, ordered by id.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn granted_entities(
        &self,
        caller: &ClientId,
        ids: Vec<EntityId>,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Entity>, ListError> {
        let list = List::with_prefix(format!("granted#{caller}"), "");
        let page = self.page_of_ids(&list, ids, cursor, limit)?;
        Ok(Page { items: self.entities(&page.items).await?, next: page.next })
    }

    /// Reads the entities `ids`, in that order. Leaves out those that do not exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entities(&self, ids: &[EntityId]) -> Result<Vec<Entity>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|&id| key::entity(id)).collect();
        self.table.read_in_order(&keys, "read entities").await
    }

    /// Stores a new entity under its parent.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the parent), or [`StoreError`].
    pub async fn create_entity(&self, new: &Entity, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create entity", change)?;
        transaction.claim_name(&key::child_name(new.parent(), &new.name), new.id)?;
        if let Some(parent) = new.parent() {
            transaction.increment(&key::entity_dependents(parent))?;
            transaction.add_to_list(&key::child_entry(parent, new.id), new.id)?;
        }
        transaction.create(&key::entity(new.id), new, Refusal::Stale)?;
        transaction.create_counter(&key::entity_dependents(new.id))?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
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
        transaction.replace_version(&key::entity(new.id), new, old.version)?;
        // A customer keeps only the claim on the name that the operator gave it. If it could claim a new name, it could
        // take the name of another customer, or find out that the customer exists.
        if let Some(parent) = old.parent().filter(|_| old.name != new.name) {
            let old_name = self.stored_name(key::child_name(Some(parent), &old.name)).await?;
            transaction.rename_claim(&old_name, &key::child_name(Some(parent), &new.name), new.id)?;
        }
        transaction.commit().await
    }

    /// Deletes an entity, and requests the erasure of what it leaves.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`], or [`StoreError`].
    pub async fn delete_entity(&self, old: &Entity, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete entity", change)?;
        transaction.delete_version(&key::entity(old.id), old.version)?;
        transaction.delete_counter_at_zero(&key::entity_dependents(old.id))?;
        if let Some(parent) = old.parent() {
            let name = self.stored_name(key::child_name(Some(parent), &old.name)).await?;
            transaction.release_name(&name)?;
            transaction.delete(&key::child_entry(parent, old.id))?;
            transaction.decrement(&key::entity_dependents(parent))?;
        }
        let erased = Erased::Entity { entity_id: old.id };
        request_erasure(&mut transaction, (erased, old.parent()), change)?;
        transaction.commit().await
    }
}
