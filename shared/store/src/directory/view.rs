//! The view of one request.

use std::sync::Arc;

use model::{
    Api, ApiId, ApiIdentifier, ClientId, Entity, EntityId, Integration, IntegrationId, Lineage, Partner,
    PartnerId, PartnerKey, ProjectId, Provider, ProviderId, SiteId, SiteName, Timestamp,
};

use crate::deployment::issuer::Issuer;
use crate::deployment::signing_keys::SigningKeys;
use crate::directory::record::{Credential, OpenProject, OpenSite, Record};
use crate::directory::{Directory, Lookup};
use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::Item;
use crate::error::StoreError;
use crate::registry::apis::ApiOwner;
use crate::registry::projects::ProjectOwner;
use crate::registry::sites::SiteOwner;

/// The records that one request has read. [`View::fetch`] reads records; the other functions return what was read.
#[derive(Debug)]
pub struct View<'d> {
    directory: &'d Directory,
    now: Timestamp,
    records: Vec<(Lookup, Record)>,
}

impl Directory {
    /// Starts the view of one request. A view reads each record at most once.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> View<'_> {
        View { directory: self, now, records: Vec::new() }
    }
}

impl View<'_> {
    /// Reads the records of `lookups`: from this view, from the cache, and the rest in one request to DynamoDB. Items
    /// that do not exist are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fetch(&mut self, lookups: impl IntoIterator<Item = Lookup>) -> Result<(), StoreError> {
        let missing = self.add_cached(lookups);
        let keys = missing.iter().map(|(key, _)| key);
        let items = self.directory.table.read_many(keys, "look up").await?;
        self.directory.refresh_data_keys_for(&items, self.now).await?;
        self.add_items(items, &missing)
    }

    /// Adds the records of `items`, which were read for `lookups`.
    pub(super) fn add_items(
        &mut self,
        items: Vec<Item>,
        lookups: &[(ItemKey, Lookup)],
    ) -> Result<(), StoreError> {
        for item in items {
            let key = ItemKey::of(&item);
            let Some((_, lookup)) = lookups.iter().find(|(wanted, _)| Some(wanted) == key.as_ref()) else {
                continue;
            };
            let record = self.directory.open_and_cache(lookup, item, self.now)?;
            self.records.push((lookup.clone(), record));
        }
        Ok(())
    }

    /// Adds the records of `lookups` that are in the cache. Returns the lookups that are not, each once.
    fn add_cached(&mut self, lookups: impl IntoIterator<Item = Lookup>) -> Vec<(ItemKey, Lookup)> {
        let mut missing: Vec<(ItemKey, Lookup)> = Vec::new();
        for lookup in lookups {
            if self.find(&lookup).is_some() || missing.iter().any(|(_, other)| *other == lookup) {
                continue;
            }
            match self.directory.cached(&lookup, self.now) {
                Some(record) => self.records.push((lookup, record)),
                None => missing.push((lookup.key(), lookup)),
            }
        }
        missing
    }

    fn find(&self, lookup: &Lookup) -> Option<&Record> {
        self.records.iter().find(|(other, _)| other == lookup).map(|(_, record)| record)
    }

    /// The ids of the ancestors of all entities read so far.
    pub fn ancestors(&self) -> impl Iterator<Item = EntityId> + '_ {
        let entities = self.records.iter().filter_map(|(_, record)| match record {
            Record::Entity(entity) => Some(entity),
            _ => None,
        });
        entities.flat_map(|entity| entity.ancestors.iter().copied())
    }

    /// The issuer. Every deployment has one.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`].
    pub fn issuer(&self) -> Result<&Arc<Issuer>, StoreError> {
        match self.find(&Lookup::Issuer) {
            Some(Record::Issuer(issuer)) => Ok(issuer),
            _ => Err(StoreError::NotInitialised { item: "the issuer" }),
        }
    }

    /// The signing keys. Every deployment has some.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`].
    pub fn signing_keys(&self) -> Result<&Arc<SigningKeys>, StoreError> {
        match self.find(&Lookup::SigningKeys) {
            Some(Record::SigningKeys(keys)) => Ok(keys),
            _ => Err(StoreError::NotInitialised { item: "the signing keys" }),
        }
    }

    /// An API key with its secret.
    #[must_use]
    pub fn credential(&self, id: &ClientId) -> Option<&Arc<Credential>> {
        match self.find(&Lookup::ApiKey(id.clone())) {
            Some(Record::ApiKey(credential)) => Some(credential),
            _ => None,
        }
    }

    /// An integration.
    #[must_use]
    pub fn integration(&self, entity: EntityId, id: IntegrationId) -> Option<&Arc<Integration>> {
        match self.find(&Lookup::Integration(entity, id)) {
            Some(Record::Integration(integration)) => Some(integration),
            _ => None,
        }
    }

    /// A provider.
    #[must_use]
    pub fn provider(&self, entity: EntityId, id: ProviderId) -> Option<&Arc<Provider>> {
        match self.find(&Lookup::Provider(entity, id)) {
            Some(Record::Provider(provider)) => Some(provider),
            _ => None,
        }
    }

    /// The partner key with the hash `digest`.
    #[must_use]
    pub fn partner_key(&self, digest: &str) -> Option<&Arc<PartnerKey>> {
        match self.find(&Lookup::PartnerKey(digest.to_owned())) {
            Some(Record::PartnerKey(key)) => Some(key),
            _ => None,
        }
    }

    /// A partner.
    #[must_use]
    pub fn partner(&self, entity: EntityId, id: PartnerId) -> Option<&Arc<Partner>> {
        match self.find(&Lookup::Partner(entity, id)) {
            Some(Record::Partner(partner)) => Some(partner),
            _ => None,
        }
    }

    /// A site with its secrets.
    #[must_use]
    pub fn site(&self, partner: PartnerId, name: &SiteName) -> Option<&Arc<OpenSite>> {
        match self.find(&Lookup::Site(partner, name.clone())) {
            Some(Record::Site(site)) => Some(site),
            _ => None,
        }
    }

    /// The partner and entity that a site belongs to.
    #[must_use]
    pub fn site_owner(&self, id: SiteId) -> Option<&Arc<SiteOwner>> {
        match self.find(&Lookup::SiteOwner(id)) {
            Some(Record::SiteOwner(owner)) => Some(owner),
            _ => None,
        }
    }

    /// A project with its secrets.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Option<&Arc<OpenProject>> {
        match self.find(&Lookup::Project(id)) {
            Some(Record::Project(project)) => Some(project),
            _ => None,
        }
    }

    /// The project that `lookup` points to: [`Lookup::ProjectOfClient`] or [`Lookup::ProjectOfSecret`].
    #[must_use]
    pub fn project_owner(&self, lookup: &Lookup) -> Option<&Arc<ProjectOwner>> {
        match self.find(lookup) {
            Some(Record::ProjectOwner(owner)) => Some(owner),
            _ => None,
        }
    }

    /// An own API.
    #[must_use]
    pub fn api(&self, id: ApiId) -> Option<&Arc<Api>> {
        match self.find(&Lookup::Api(id)) {
            Some(Record::Api(api)) => Some(api),
            _ => None,
        }
    }

    /// The API and the entity that an identifier belongs to, or belonged to until a deletion.
    #[must_use]
    pub fn api_owner(&self, identifier: &ApiIdentifier) -> Option<&Arc<ApiOwner>> {
        match self.find(&Lookup::api_of_identifier(identifier)) {
            Some(Record::ApiOwner(owner)) => Some(owner),
            _ => None,
        }
    }

    /// Whether the token with the hash `digest` is revoked.
    #[must_use]
    pub fn is_revoked(&self, digest: &str) -> bool {
        matches!(self.find(&Lookup::Revocation(digest.to_owned())), Some(Record::Revocation))
    }

    /// Caches that the token with the hash `digest` is not revoked, so that its next verification reads nothing. Call it only
    /// for a token that was verified: anyone can send other tokens, and each would take a place in the cache.
    pub fn cache_not_revoked(&self, digest: &str) {
        let lookup = Lookup::Revocation(digest.to_owned());
        if self.find(&lookup).is_none() {
            self.directory.cache_absent(lookup, self.now);
        }
    }

    /// An entity.
    #[must_use]
    pub fn entity(&self, id: EntityId) -> Option<&Arc<Entity>> {
        match self.find(&Lookup::Entity(id)) {
            Some(Record::Entity(entity)) => Some(entity),
            _ => None,
        }
    }

    /// An entity with its ancestors, or `None` if one of them was not read or does not exist.
    #[must_use]
    pub fn lineage(&self, id: EntityId) -> Option<Lineage> {
        Lineage::new(self.entity(id)?.clone(), |id| self.entity(id).cloned())
    }
}
