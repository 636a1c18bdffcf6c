//! API integrations.

use model::{EntityId, Integration, IntegrationId};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;
use crate::registry::dependents::GrantsChange;

impl Registry {
    /// Reads an integration of `entity`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn integration(
        &self,
        entity: EntityId,
        id: IntegrationId,
    ) -> Result<Option<Integration>, StoreError> {
        self.table.read(&key::integration(entity, id), "read integration").await
    }

    /// Reads one page of the integrations of `entity`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn integrations(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Integration>, ListError> {
        self.page(&key::integrations(entity), cursor, limit, "list integrations").await
    }

    /// Stores a new integration.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (an entity in its grants), or [`StoreError`].
    pub async fn create_integration(&self, new: &Integration, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create integration", change)?;
        transaction.claim_name(&key::integration_name(new.entity_id, &new.name), new.id)?;
        GrantsChange { owner: new.entity_id, before: None, after: Some(&new.grants) }
            .count(&mut transaction)?;
        transaction.create(&key::integration(new.entity_id, new.id), new, Refusal::Stale)?;
        transaction.create_counter(&key::integration_dependents(new.entity_id, new.id))?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], [`Refusal::Gone`] (an entity in its grants), or [`StoreError`].
    pub async fn replace_integration(
        &self,
        old: &Integration,
        new: &Integration,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change integration", change)?;
        transaction.replace_version(&key::integration(old.entity_id, old.id), new, old.version)?;
        if old.name != new.name {
            let old_name = self.stored_name(key::integration_name(old.entity_id, &old.name)).await?;
            transaction.rename_claim(&old_name, &key::integration_name(old.entity_id, &new.name), new.id)?;
        }
        if old.grants != new.grants {
            GrantsChange { owner: old.entity_id, before: Some(&old.grants), after: Some(&new.grants) }
                .count(&mut transaction)?;
        }
        transaction.commit().await
    }

    /// Deletes an integration.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`] (by an API key), or [`StoreError`].
    pub async fn delete_integration(&self, old: &Integration, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete integration", change)?;
        transaction.delete_version(&key::integration(old.entity_id, old.id), old.version)?;
        transaction.delete_counter_at_zero(&key::integration_dependents(old.entity_id, old.id))?;
        let name = self.stored_name(key::integration_name(old.entity_id, &old.name)).await?;
        transaction.release_name(&name)?;
        GrantsChange { owner: old.entity_id, before: Some(&old.grants), after: None }
            .count(&mut transaction)?;
        transaction.commit().await
    }
}
