//! Partners of an entity.

use model::{EntityId, Partner, PartnerId};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::from_item;
use crate::dynamodb::transaction::{Claim, Counter};
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::{Change, Registry};

impl Registry {
    /// The partner of `entity`, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner(&self, entity: EntityId, id: PartnerId) -> Result<Option<Partner>, StoreError> {
        self.table.read(&key::partner(entity, id), "read partner").await
    }

    /// The partners of `entity`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partners(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Partner>, StoreError> {
        const WHAT: &str = "list partners";
        let list = List { pk: key::of_entity(entity), prefix: key::PARTNER.to_owned(), newest_first: false };
        self.table.page(&list, from, limit, WHAT).await?.try_map(|item| from_item(item, WHAT))
    }

    /// A new partner.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Gone`] (the entity), or [`StoreError`].
    pub async fn create_partner(&self, new: &Partner, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("create partner", change)?;
        let name = key::partner_name(new.entity_id, &new.name);
        transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
        transaction.count(&key::dependents(new.entity_id), 1, None)?;
        transaction.create(&key::partner(new.entity_id, new.id), new, Refusal::Stale)?;
        for counter in [key::partner_keys(new.id), key::partner_sites(new.id)] {
            transaction.create(&counter, &Counter { dependents: 0 }, Refusal::Stale)?;
        }
        transaction.commit().await
    }

    /// `old` becomes `new`.
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
        transaction.replace(&key::partner(old.entity_id, old.id), new, old.version)?;
        if old.name.folded() != new.name.folded() {
            let name = key::partner_name(old.entity_id, &new.name);
            transaction.create(&name, &Claim::by(new.id), Refusal::NameTaken)?;
            transaction.drop_item(&key::partner_name(old.entity_id, &old.name))?;
        }
        transaction.commit().await
    }

    /// The partner goes; its keys and sites must have gone before.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::InUse`], or [`StoreError`].
    pub async fn delete_partner(&self, old: &Partner, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete partner", change)?;
        transaction.delete(&key::partner(old.entity_id, old.id), old.version)?;
        transaction.drop_counter(&key::partner_keys(old.id))?;
        transaction.drop_counter(&key::partner_sites(old.id))?;
        transaction.drop_item(&key::partner_name(old.entity_id, &old.name))?;
        transaction.count(&key::dependents(old.entity_id), -1, None)?;
        transaction.commit().await
    }
}
