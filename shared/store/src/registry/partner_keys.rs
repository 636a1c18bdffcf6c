//! The keys of partners: stored as hashes, and found by them (V2).

use crypto::{Prefix, Secret};
use model::{Entity, KEYS_PER_PARTNER, Name, Partner, PartnerId, PartnerKey, PartnerKeyId, Timestamp};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Claim;
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::{Change, Registry};

impl Registry {
    /// A new key of `partner`, which belongs to `owner`, not stored yet, and itself, to be shown once.
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

    /// The key of `partner`, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner_key(
        &self,
        partner: PartnerId,
        id: PartnerKeyId,
    ) -> Result<Option<PartnerKey>, StoreError> {
        const WHAT: &str = "read partner key";
        let claim: Option<Claim> = self.table.read(&key::key_of_partner(partner, id), WHAT).await?;
        let Some(claim) = claim else { return Ok(None) };
        self.table.read(&key::partner_key(&claim.id), WHAT).await
    }

    /// The keys of `partner`, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner_keys(
        &self,
        partner: PartnerId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<PartnerKey>, StoreError> {
        const WHAT: &str = "list partner keys";
        let list = List { pk: key::of_partner(partner), prefix: key::KEY.to_owned(), newest_first: false };
        let page = self.table.page(&list, from, limit, WHAT).await?;
        let claims = page.try_map(|item: Item| from_item::<Claim>(item, WHAT))?;
        let places: Vec<_> = claims.items.iter().map(|claim| key::partner_key(&claim.id)).collect();
        let items = self.table.read_many(&places, WHAT).await?;
        let keys =
            items.into_iter().map(|item| from_item(item, WHAT)).collect::<Result<Vec<PartnerKey>, _>>();
        let mut keys = keys?;
        keys.sort_by_key(|key| key.id.to_string());
        Ok(Page { items: keys, next: claims.next })
    }

    /// A new key of `partner`, which must be as it was read.
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
        transaction.require(&key::partner(partner.entity_id, partner.id), partner.version)?;
        transaction.count(&key::partner_keys(partner.id), 1, Some(KEYS_PER_PARTNER))?;
        let listed = key::key_of_partner(new.partner_id, new.id);
        transaction.create(&listed, &Claim::by(&new.digest), Refusal::Stale)?;
        transaction.create(&key::partner_key(&new.digest), new, Refusal::Stale)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
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
        transaction.replace(&key::partner_key(&old.digest), new, old.version)?;
        transaction.commit().await
    }

    /// The key goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_partner_key(&self, old: &PartnerKey, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete partner key", change)?;
        transaction.delete(&key::partner_key(&old.digest), old.version)?;
        transaction.drop_item(&key::key_of_partner(old.partner_id, old.id))?;
        transaction.count(&key::partner_keys(old.partner_id), -1, None)?;
        transaction.commit().await
    }
}
