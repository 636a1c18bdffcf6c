//! API integrations.

use model::{EntityId, Integration, IntegrationId};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::from_item;
use crate::dynamodb::transaction::{Claim, Counter};
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::entities::count_dependents;
use crate::registry::{Change, Registry};

impl Registry {
    /// The integration of `entity`, as it is now.
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

    /// The integrations of `entity`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn integrations(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Integration>, StoreError> {
        const WHAT: &str = "list integrations";
        let list =
            List { pk: key::of_entity(entity), prefix: key::INTEGRATION.to_owned(), newest_first: false };
        self.table.page(&list, from, limit, WHAT).await?.try_map(|item| from_item(item, WHAT))
    }

    /// A new integration.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (an entity it names), or [`StoreError`].
    pub async fn create_integration(&self, new: &Integration, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create integration", change)?;
        let name = key::integration_name(new.entity_id, &new.name);
        transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
        count_dependents(&mut transaction, new.entity_id, None, Some(&new.grants))?;
        transaction.create(&key::integration(new.entity_id, new.id), new, Refusal::Stale)?;
        let counter = key::integration_dependents(new.entity_id, new.id);
        transaction.create(&counter, &Counter { dependents: 0 }, Refusal::Stale)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], [`Refusal::Gone`], or [`StoreError`].
    pub async fn replace_integration(
        &self,
        old: &Integration,
        new: &Integration,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change integration", change)?;
        transaction.replace(&key::integration(old.entity_id, old.id), new, old.version)?;
        if old.name.folded() != new.name.folded() {
            let name = key::integration_name(old.entity_id, &new.name);
            transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
            transaction.drop_item(&key::integration_name(old.entity_id, &old.name))?;
        }
        if old.grants != new.grants {
            count_dependents(&mut transaction, old.entity_id, Some(&old.grants), Some(&new.grants))?;
        }
        transaction.commit().await
    }

    /// The integration goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`], or [`StoreError`].
    pub async fn delete_integration(&self, old: &Integration, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete integration", change)?;
        transaction.delete(&key::integration(old.entity_id, old.id), old.version)?;
        transaction.drop_counter(&key::integration_dependents(old.entity_id, old.id))?;
        transaction.drop_item(&key::integration_name(old.entity_id, &old.name))?;
        count_dependents(&mut transaction, old.entity_id, Some(&old.grants), None)?;
        transaction.commit().await
    }
}
