//! Partners of an entity.

use model::{EntityId, Partner, PartnerId};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;

impl Registry {
    /// Reads a partner of `entity`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner(&self, entity: EntityId, id: PartnerId) -> Result<Option<Partner>, StoreError> {
        self.table.read(&key::partner(entity, id), "read partner").await
    }

    /// Reads one page of the partners of `entity`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn partners(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Partner>, ListError> {
        self.page(&key::partners(entity), cursor, limit, "list partners").await
    }

    /// Stores a new partner.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the entity), or [`StoreError`].
    pub async fn create_partner(&self, new: &Partner, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create partner", change)?;
        transaction.claim_name(&key::partner_name(new.entity_id, &new.name), new.id)?;
        transaction.increment(&key::entity_dependents(new.entity_id))?;
        transaction.create(&key::partner(new.entity_id, new.id), new, Refusal::Stale)?;
        transaction.create_counter(&key::partner_key_count(new.id))?;
        transaction.create_counter(&key::partner_site_count(new.id))?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_partner(
        &self,
        old: &Partner,
        new: &Partner,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change partner", change)?;
        transaction.replace_version(&key::partner(old.entity_id, old.id), new, old.version)?;
        if old.name != new.name {
            let old_name = self.stored_name(key::partner_name(old.entity_id, &old.name)).await?;
            transaction.rename_claim(&old_name, &key::partner_name(old.entity_id, &new.name), new.id)?;
        }
        transaction.commit().await
    }

    /// Deletes a partner that has no keys and no sites.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`] (by a key or site), or [`StoreError`].
    pub async fn delete_partner(&self, old: &Partner, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete partner", change)?;
        transaction.delete_version(&key::partner(old.entity_id, old.id), old.version)?;
        transaction.delete_counter_at_zero(&key::partner_key_count(old.id))?;
        transaction.delete_counter_at_zero(&key::partner_site_count(old.id))?;
        let name = self.stored_name(key::partner_name(old.entity_id, &old.name)).await?;
        transaction.release_name(&name)?;
        transaction.decrement(&key::entity_dependents(old.entity_id))?;
        transaction.commit().await
    }
}
