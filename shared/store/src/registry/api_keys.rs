//! API keys.

use crypto::{Prefix, Secret};
use model::{
    ApiKey, ClientId, Entity, EntityId, Integration, IntegrationId, KEYS_PER_INTEGRATION, Name, Timestamp,
};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::{Claim, Transaction};
use crate::error::{Refusal, StoreError, WriteError};
use crate::open_secrets::new_secret;
use crate::registry::{Change, Registry};

impl Registry {
    /// A new key of an integration of `owner`, not stored yet, and its secret (F6).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or the secret cannot be sealed.
    pub fn new_api_key(
        &self,
        of: &Integration,
        owner: &Entity,
        name: Name,
        now: Timestamp,
    ) -> Result<(ApiKey, Secret), StoreError> {
        const WHAT: &str = "make key";
        let client_id = ClientId::generate().map_err(StoreError::damaged(WHAT))?;
        let (version, secret) =
            new_secret(&self.data_key, Prefix::ClientSecret, &key::api_key(&client_id), now)?;
        Ok((ApiKey::new(client_id, version.sealed, of, owner, name, now), secret))
    }

    /// The key, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_key(&self, id: &ClientId) -> Result<Option<ApiKey>, StoreError> {
        self.table.read(&key::api_key(id), "read key").await
    }

    /// The keys of an integration, ordered by client id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_keys(
        &self,
        entity: EntityId,
        integration: IntegrationId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<ApiKey>, StoreError> {
        const WHAT: &str = "list keys";
        let list =
            List { pk: key::of_entity(entity), prefix: key::keys_of(integration), newest_first: false };
        let page = self.table.page(&list, from, limit, WHAT).await?;
        let ids = page.try_map(|item: Item| from_item::<Claim>(item, WHAT))?;
        let places = ids.items.iter().map(|claim| claim.id.parse().map(|id| key::api_key(&id)));
        let places = places.collect::<Result<Vec<_>, _>>().map_err(StoreError::damaged(WHAT))?;
        let items = self.table.read_many(&places, WHAT).await?;
        let keys = items.into_iter().map(|item| from_item(item, WHAT)).collect::<Result<Vec<ApiKey>, _>>();
        let mut keys = keys?;
        keys.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        Ok(Page { items: keys, next: ids.next })
    }

    /// A new key of an integration.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Stale`] (the integration), [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn create_api_key(
        &self,
        new: &ApiKey,
        of: &Integration,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("create key", change)?;
        transaction.create(&name_of(new), &Claim::by(&new.client_id), Refusal::NameTaken)?;
        add(&mut transaction, new, of)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_api_key(
        &self,
        old: &ApiKey,
        new: &ApiKey,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change key", change)?;
        transaction.replace(&key::api_key(&old.client_id), new, old.version)?;
        if old.name.folded() != new.name.folded() {
            transaction.create(&name_of(new), &Claim::by(&new.client_id), Refusal::NameTaken)?;
            transaction.drop_item(&name_of(old))?;
        }
        transaction.commit().await
    }

    /// `old`, which becomes `ending`, is succeeded by `new`, which takes over its name (F4).
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn rotate_api_key(
        &self,
        (old, ending): (&ApiKey, &ApiKey),
        new: &ApiKey,
        of: &Integration,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("rotate key", change)?;
        transaction.replace(&key::api_key(&old.client_id), ending, old.version)?;
        transaction.pass_on(&name_of(old), old.client_id.as_str(), &Claim::by(&new.client_id))?;
        add(&mut transaction, new, of)?;
        transaction.commit().await
    }

    /// The key goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_api_key(&self, old: &ApiKey, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete key", change)?;
        transaction.delete(&key::api_key(&old.client_id), old.version)?;
        transaction.drop_item(&key::key_of(old.entity_id, old.integration_id, &old.client_id))?;
        if old.superseded_by.is_none() {
            transaction.drop_item(&name_of(old))?;
        }
        transaction.count(&key::integration_dependents(old.entity_id, old.integration_id), -1, None)?;
        transaction.commit().await
    }
}

/// `of` is the integration as its grants were judged: if it has changed since, they may be others.
fn add(transaction: &mut Transaction<'_>, new: &ApiKey, of: &Integration) -> Result<(), StoreError> {
    transaction.require(&key::integration(of.entity_id, of.id), of.version)?;
    let counter = key::integration_dependents(new.entity_id, new.integration_id);
    transaction.count(&counter, 1, Some(KEYS_PER_INTEGRATION))?;
    let listed = key::key_of(new.entity_id, new.integration_id, &new.client_id);
    transaction.create(&listed, &Claim::by(&new.client_id), Refusal::Stale)?;
    transaction.create(&key::api_key(&new.client_id), new, Refusal::Stale)
}

fn name_of(key: &ApiKey) -> key::ItemKey {
    key::key_name(key.entity_id, key.integration_id, &key.name)
}
