//! Secure anonymous token providers.

use model::{EntityId, Provider, ProviderId};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::from_item;
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::entities::count_dependents;
use crate::registry::{Change, Registry};

impl Registry {
    /// The provider of `entity`, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn provider(&self, entity: EntityId, id: ProviderId) -> Result<Option<Provider>, StoreError> {
        self.table.read(&key::provider(entity, id), "read provider").await
    }

    /// The providers of `entity`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn providers(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Provider>, StoreError> {
        const WHAT: &str = "list providers";
        let list = List { pk: key::of_entity(entity), prefix: key::PROVIDER.to_owned(), newest_first: false };
        self.table.page(&list, from, limit, WHAT).await?.try_map(|item| from_item(item, WHAT))
    }

    /// A new provider.
    ///
    /// # Errors
    /// [`Refusal::Gone`] (an entity it names), or [`StoreError`].
    pub async fn create_provider(&self, new: &Provider, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create provider", change)?;
        count_dependents(&mut transaction, new.entity_id, None, Some(&new.grants))?;
        transaction.create(&key::provider(new.entity_id, new.id), new, Refusal::Stale)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::Gone`], or [`StoreError`].
    pub async fn replace_provider(
        &self,
        old: &Provider,
        new: &Provider,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change provider", change)?;
        transaction.replace(&key::provider(old.entity_id, old.id), new, old.version)?;
        if old.grants != new.grants {
            count_dependents(&mut transaction, old.entity_id, Some(&old.grants), Some(&new.grants))?;
        }
        transaction.commit().await
    }

    /// The provider goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_provider(&self, old: &Provider, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete provider", change)?;
        transaction.delete(&key::provider(old.entity_id, old.id), old.version)?;
        count_dependents(&mut transaction, old.entity_id, Some(&old.grants), None)?;
        transaction.commit().await
    }
}
