//! Keys of partners. They are stored as hashes and found by their hash (V2).

use std::convert::Infallible;

use crypto::{Prefix, Secret};
use model::{Entity, KEYS_PER_PARTNER, Name, Partner, PartnerId, PartnerKey, PartnerKeyId, Timestamp};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::transaction::claim::Claim;
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::registry::Registry;

impl Registry {
    /// Makes a key of `partner`, which belongs to `owner`. Returns its stored form and the key itself. Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_partner_key(
        &self,
        partner: &Partner,
        owner: &Entity,
        name: Name,
        now: Timestamp,
    ) -> Result<(PartnerKey, Secret), StoreError> {
        let secret = Secret::generate(Prefix::PartnerKey).map_err(StoreError::damaged("make partner key"))?;
        Ok((PartnerKey::new(secret.digest(), partner, owner, name, now), secret))
    }

    /// Reads a key of `partner`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner_key(
        &self,
        partner: PartnerId,
        id: PartnerKeyId,
    ) -> Result<Option<PartnerKey>, StoreError> {
        const STEP: &str = "read partner key";
        let claim: Option<Claim> = self.table.read(&key::partner_key_entry(partner, id), STEP).await?;
        let Some(claim) = claim else { return Ok(None) };
        self.table.read(&key::partner_key(&claim.id), STEP).await
    }

    /// Reads one page of the keys of `partner`, in the order of their creation.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn partner_keys(
        &self,
        partner: PartnerId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<PartnerKey>, ListError> {
        let item_key = |digest: &str| Ok::<_, Infallible>(key::partner_key(digest));
        let list = key::partner_keys(partner);
        self.page_of_claimed(&list, cursor, limit, item_key, "list partner keys").await
    }

    /// Stores a new key of `partner`, which must have the version that was read.
    ///
    /// # Errors
    /// [`Refusal::Stale`] (the partner), [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn create_partner_key(
        &self,
        new: &PartnerKey,
        partner: &Partner,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("create partner key", change)?;
        transaction.require_version(&key::partner(partner.entity_id, partner.id), partner.version)?;
        transaction.increment_below(&key::partner_key_count(partner.id), KEYS_PER_PARTNER)?;
        transaction.add_to_list(&key::partner_key_entry(new.partner_id, new.id), &new.digest)?;
        transaction.create(&key::partner_key(&new.digest), new, Refusal::Stale)?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn replace_partner_key(
        &self,
        old: &PartnerKey,
        new: &PartnerKey,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("change partner key", change)?;
        transaction.replace_version(&key::partner_key(&old.digest), new, old.version)?;
        transaction.commit().await
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_partner_key(&self, old: &PartnerKey, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete partner key", change)?;
        transaction.delete_version(&key::partner_key(&old.digest), old.version)?;
        transaction.delete(&key::partner_key_entry(old.partner_id, old.id))?;
        transaction.decrement(&key::partner_key_count(old.partner_id))?;
        transaction.commit().await
    }
}
