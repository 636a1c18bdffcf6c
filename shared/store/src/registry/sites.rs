//! Sites of partners, and their signing secrets (V5, V9).

use crypto::{Prefix, Secret};
use model::{
    EntityId, Partner, PartnerId, SITES_PER_PARTNER, SecretVersion, Site, SiteId, SiteName, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::from_item;
use crate::error::{Refusal, StoreError, WriteError};
use crate::open_secrets::new_secret;
use crate::registry::{Change, Registry};

/// Whose a site is: where it is stored, and what must be read with it. None of it ever changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteOwner {
    /// Its partner.
    pub partner_id: PartnerId,
    /// Its name.
    pub name: SiteName,
    /// The partner's entity.
    pub entity_id: EntityId,
    /// The entity's ancestors.
    pub ancestors: Vec<EntityId>,
}

impl Registry {
    /// A new secret for the site of that name, not stored yet, and itself, to be shown once.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness or it cannot be sealed.
    pub fn new_site_secret(
        &self,
        partner: PartnerId,
        name: &SiteName,
        now: Timestamp,
    ) -> Result<(SecretVersion, Secret), StoreError> {
        new_secret(&self.data_key, Prefix::SiteSecret, &key::site(partner, name), now)
    }

    /// The site of `partner` with that id, as it is now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn site(&self, partner: PartnerId, id: SiteId) -> Result<Option<Site>, StoreError> {
        const WHAT: &str = "read site";
        let owner: Option<SiteOwner> = self.table.read(&key::owner_of_site(id), WHAT).await?;
        let Some(owner) = owner.filter(|owner| owner.partner_id == partner) else { return Ok(None) };
        self.table.read(&key::site(partner, &owner.name), WHAT).await
    }

    /// The sites of `partner`, ordered by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sites(
        &self,
        partner: PartnerId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<Site>, StoreError> {
        const WHAT: &str = "list sites";
        let list = List { pk: key::of_partner(partner), prefix: key::SITE.to_owned(), newest_first: false };
        self.table.page(&list, from, limit, WHAT).await?.try_map(|item| from_item(item, WHAT))
    }

    /// A new site of `partner`, which must be as it was read.
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
        transaction.require(&key::partner(partner.entity_id, partner.id), partner.version)?;
        transaction.count(&key::partner_sites(partner.id), 1, Some(SITES_PER_PARTNER))?;
        let owner = SiteOwner {
            partner_id: new.partner_id,
            name: new.name.clone(),
            entity_id: new.entity_id,
            ancestors: new.ancestors.clone(),
        };
        transaction.create(&key::owner_of_site(new.id), &owner, Refusal::Stale)?;
        transaction.commit().await
    }

    /// `old` becomes `new`.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn replace_site(&self, old: &Site, new: &Site, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("change site", change)?;
        transaction.replace(&key::site(old.partner_id, &old.name), new, old.version)?;
        transaction.commit().await
    }

    /// The site goes.
    ///
    /// # Errors
    /// [`Refusal::Stale`], or [`StoreError`].
    pub async fn delete_site(&self, old: &Site, change: &Change) -> Result<(), WriteError> {
        let mut transaction = self.begin("delete site", change)?;
        transaction.delete(&key::site(old.partner_id, &old.name), old.version)?;
        transaction.drop_item(&key::owner_of_site(old.id))?;
        transaction.count(&key::partner_sites(old.partner_id), -1, None)?;
        transaction.commit().await
    }
}
