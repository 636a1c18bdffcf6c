//! Providers of secure anonymous tokens.

use model::{EntityId, Provider, ProviderId};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;
use crate::registry::dependents::GrantsChange;

impl Registry {
    /// Reads a provider of `entity`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn provider(&self, entity: EntityId, id: ProviderId) -> Result<Option<Provider>, StoreError> {
        self.table.read(&key::provider(entity, id), "read provider").await
    }

    /// Reads one page of the providers of `entity`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn providers(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Provider>, ListError> {
        self.page(&key::providers(entity), cursor, limit, "list providers").await
    }

    /// Stores a new provider.
    ///
    /// # Errors
    /// [`Refusal::Gone`] (an entity in its grants), or [`StoreError`].
    pub async fn create_provider(&self, new: &Provider, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create provider", change)?;
        GrantsChange { owner: new.entity_id, before: None, after: Some(&new.grants) }
            .count(&mut transaction)?;
        transaction.create(&key::provider(new.entity_id, new.id), new, Refusal::Stale)?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::Gone`] (an entity in its grants), or [`StoreError`].
    pub async fn replace_provider(
        &self,
        old: &Provider,
        new: &Provider,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change provider", change)?;
        transaction.replace_version(&key::provider(old.entity_id, old.id), new, old.version)?;
        if old.grants != new.grants {
            GrantsChange { owner: old.entity_id, before: Some(&old.grants), after: Some(&new.grants) }
                .count(&mut transaction)?;
        }
        transaction.commit().await
    }

    /// Deletes a provider.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_provider(&self, old: &Provider, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete provider", change)?;
        transaction.delete_version(&key::provider(old.entity_id, old.id), old.version)?;
        GrantsChange { owner: old.entity_id, before: Some(&old.grants), after: None }
            .count(&mut transaction)?;
        transaction.commit().await
    }
}
