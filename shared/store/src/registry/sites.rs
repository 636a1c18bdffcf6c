//! Sites of partners, with their signing secrets (V5, V9).

use crypto::{Prefix, Secret};
use model::{
    EntityId, Partner, PartnerId, SITES_PER_PARTNER, SecretVersion, Site, SiteId, SiteName, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::error::{ListError, Refusal, StoreError, WriteError};
use crate::open_secrets::new_secret;
use crate::registry::Registry;
use crate::registry::secret_digests::SecretOwner;

/// A pointer from a site's id to the site and to its owners. It never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteOwner {
    /// The partner of the site.
    pub partner_id: PartnerId,
    /// The name of the site.
    pub name: SiteName,
    /// The entity of the partner.
    pub entity_id: EntityId,
    /// The ancestors of the entity.
    pub ancestors: Vec<EntityId>,
}

impl Registry {
    /// Makes a secret for the site called `name`. Returns its stored form and the secret itself. Stores nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or the secret cannot be sealed.
    pub fn new_site_secret(
        &self,
        partner: PartnerId,
        name: &SiteName,
        now: Timestamp,
    ) -> Result<(SecretVersion, Secret), StoreError> {
        new_secret(&self.keys.data_keys(), Prefix::SiteSecret, &key::site(partner, name), now)
    }

    /// Reads a site of `partner`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn site(&self, partner: PartnerId, id: SiteId) -> Result<Option<Site>, StoreError> {
        const STEP: &str = "read site";
        let owner: Option<SiteOwner> = self.table.read(&key::owner_of_site(id), STEP).await?;
        let Some(owner) = owner.filter(|owner| owner.partner_id == partner) else { return Ok(None) };
        self.table.read(&key::site(partner, &owner.name), STEP).await
    }

    /// Reads one page of the sites of `partner`, ordered by name.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn sites(
        &self,
        partner: PartnerId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Site>, ListError> {
        self.page(&key::sites(partner), cursor, limit, "list sites").await
    }

    /// Stores a new site of `partner`, which must have the version that was read.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::Stale`] (the partner), [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn create_site(
        &self,
        new: &Site,
        partner: &Partner,
        change: &Change,
    ) -> Result<(), WriteError> {
        let mut transaction = self.begin("create site", change)?;
        transaction.create(&key::site(new.partner_id, &new.name), new, Refusal::NameTaken)?;
        transaction.require_version(&key::partner(partner.entity_id, partner.id), partner.version)?;
        transaction.increment_below(&key::partner_site_count(partner.id), SITES_PER_PARTNER)?;
        let owner = SiteOwner {
            partner_id: new.partner_id,
            name: new.name.clone(),
            entity_id: new.entity_id,
            ancestors: new.ancestors.clone(),
        };
        transaction.create(&key::owner_of_site(new.id), &owner, Refusal::Stale)?;
        let secret_owner = SecretOwner::site(new.id);
        new.secrets.iter().try_for_each(|it| transaction.put_secret_digest(&it.digest, &secret_owner))?;
        transaction.commit().await
    }

    /// Replaces `old` by `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn replace_site(&self, old: &Site, new: &Site, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("change site", change)?;
        transaction.replace_version(&key::site(old.partner_id, &old.name), new, old.version)?;
        transaction.change_secret_digests(&old.secrets, &new.secrets, &SecretOwner::site(new.id))?;
        transaction.commit().await
    }

    /// Deletes a site.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_site(&self, old: &Site, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete site", change)?;
        transaction.delete_version(&key::site(old.partner_id, &old.name), old.version)?;
        transaction.delete(&key::owner_of_site(old.id))?;
        transaction.decrement(&key::partner_site_count(old.partner_id))?;
        old.secrets.iter().try_for_each(|it| transaction.delete_secret_digest(&it.digest))?;
        transaction.commit().await
    }
}
