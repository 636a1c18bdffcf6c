//! API keys.

use crypto::{Prefix, Secret};
use model::{
    ApiKey, ClientId, Entity, EntityId, Integration, IntegrationId, KEYS_PER_INTEGRATION, Name, Timestamp,
};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, NameKeys};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::transaction::Transaction;
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::open_secrets::{new_secret, open_secret};
use crate::registry::Registry;
use crate::registry::secret_digests::SecretOwner;

/// The rotation of an API key (F4).
#[derive(Debug)]
pub struct ApiKeyRotation<'a> {
    /// The key as it was read.
    pub old: &'a ApiKey,
    /// The same key as it is stored after the rotation: with its end and its successor.
    pub superseded: &'a ApiKey,
    /// The new key, which takes over the name.
    pub successor: &'a ApiKey,
    /// The integration of both keys, as it was read.
    pub integration: &'a Integration,
}

impl Registry {
    /// Makes a key of an integration of `owner`, and its secret (F6). Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or the secret cannot be sealed.
    pub fn new_api_key(
        &self,
        integration: &Integration,
        owner: &Entity,
        name: Name,
        now: Timestamp,
    ) -> Result<(ApiKey, Secret), StoreError> {
        let client_id = ClientId::generate().map_err(StoreError::damaged("make API key"))?;
        let (version, secret) =
            new_secret(&self.keys.data_keys(), Prefix::ClientSecret, &key::api_key(&client_id), now)?;
        Ok((ApiKey::new(client_id, version.sealed, integration, owner, name, now), secret))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn api_key(&self, id: &ClientId) -> Result<Option<ApiKey>, StoreError> {
        self.table.read(&key::api_key(id), "read API key").await
    }

    /// Reads one page of the keys of an integration, ordered by client id.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn api_keys(
        &self,
        entity: EntityId,
        integration: IntegrationId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<ApiKey>, ListError> {
        let item_key = |id: &str| id.parse().map(|id| key::api_key(&id));
        let list = key::api_keys(entity, integration);
        self.page_of_claimed(&list, cursor, limit, item_key, "list API keys").await
    }

    /// Stores a new key of `integration`.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Stale`] (the integration), [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn create_api_key(
        &self,
        new: &ApiKey,
        integration: &Integration,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("create API key", change)?;
        transaction.claim_name(&name_keys(new), &new.client_id)?;
        self.add(&mut transaction, new, integration)?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::NameTaken`], or [`StoreError`].
    pub async fn replace_api_key(
        &self,
        old: &ApiKey,
        new: &ApiKey,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change API key", change)?;
        transaction.replace_version(&key::api_key(&old.client_id), new, old.version)?;
        if old.name != new.name {
            let old_name = self.stored_name(name_keys(old)).await?;
            transaction.rename_claim(&old_name, &name_keys(new), &new.client_id)?;
        }
        transaction.commit().await
    }

    /// Stores the successor of a key and the end of the key itself.
    ///
    /// # Errors
    /// [`Refusal::Stale`], [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn rotate_api_key(
        &self,
        rotation: &ApiKeyRotation<'_>,
        change: &Change,
    ) -> Result<(), WriteError> {
        let ApiKeyRotation { old, superseded, successor, integration } = rotation;
        let mut transaction = self.begin("rotate API key", change)?;
        transaction.replace_version(&key::api_key(&old.client_id), superseded, old.version)?;
        let name = self.stored_name(name_keys(old)).await?;
        transaction.transfer_name(&name, &old.client_id, &successor.client_id)?;
        self.add(&mut transaction, successor, integration)?;
        transaction.commit().await
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_api_key(&self, old: &ApiKey, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete API key", change)?;
        transaction.delete_version(&key::api_key(&old.client_id), old.version)?;
        transaction.delete(&key::api_key_entry(old.entity_id, old.integration_id, &old.client_id))?;
        if old.superseded_by.is_none() {
            transaction.release_name(&self.stored_name(name_keys(old)).await?)?;
        }
        transaction.decrement(&key::integration_dependents(old.entity_id, old.integration_id))?;
        transaction.delete_secret_digest(&self.client_secret_digest(old)?)?;
        transaction.commit().await
    }

    /// Adds a key to `integration`, which must have the version that was read: the caller was authorized for its grants at
    /// that version.
    fn add(
        &self,
        transaction: &mut Transaction<'_>,
        new: &ApiKey,
        integration: &Integration,
    ) -> Result<(), StoreError> {
        transaction
            .require_version(&key::integration(integration.entity_id, integration.id), integration.version)?;
        let counter = key::integration_dependents(new.entity_id, new.integration_id);
        transaction.increment_below(&counter, KEYS_PER_INTEGRATION)?;
        let entry = key::api_key_entry(new.entity_id, new.integration_id, &new.client_id);
        transaction.add_to_list(&entry, &new.client_id)?;
        transaction.create(&key::api_key(&new.client_id), new, Refusal::Stale)?;
        transaction.put_secret_digest(&self.client_secret_digest(new)?, &SecretOwner::api_key(&new.client_id))
    }

    fn client_secret_digest(&self, of: &ApiKey) -> Result<String, StoreError> {
        let secret = open_secret(&self.keys.data_keys(), &of.secret, &key::api_key(&of.client_id))?;
        Ok(secret.digest())
    }
}

fn name_keys(key: &ApiKey) -> NameKeys {
    key::api_key_name(key.entity_id, key.integration_id, &key.name)
}
