//! The hot path's reads: cached for a short, published time, and as few round trips as the keys allow.

use std::sync::Arc;

use crypto::{DataKey, Secret};
use model::{
    ApiKey, ClientId, Entity, EntityId, Integration, IntegrationId, Lineage, OpenTokenSet, Partner,
    PartnerId, PartnerKey, Project, ProjectId, Provider, ProviderId, SignedDuration, Site, SiteId, SiteName,
    Timestamp,
};
use quick_cache::sync::Cache;

use crate::deployment::issuer::Issuer;
use crate::deployment::signing_keys::{SealedKeys, SigningKeys};
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, Table, from_item};
use crate::error::StoreError;
use crate::open_secrets::{OpenSecrets, open_secret};
use crate::registry::projects::ProjectOwner;
use crate::registry::revocations::Revocation;
use crate::registry::sites::SiteOwner;

/// What can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// The issuer URL and the public keys.
    Issuer,
    /// The private signing keys.
    SigningKeys,
    /// An API key with its secret.
    ApiKey(ClientId),
    /// An entity.
    Entity(EntityId),
    /// An integration of an entity.
    Integration(EntityId, IntegrationId),
    /// A provider of an entity.
    Provider(EntityId, ProviderId),
    /// A partner's key, by its hash.
    PartnerKey(String),
    /// A partner of an entity.
    Partner(EntityId, PartnerId),
    /// A site of a partner with its secrets.
    Site(PartnerId, SiteName),
    /// Whose a site is.
    SiteOwner(SiteId),
    /// A project with its secrets.
    Project(ProjectId),
    /// Which project has that client id.
    ProjectOfClient(ClientId),
    /// Which project has the API secret of that hash.
    ProjectOfSecret(String),
    /// Whether the token of that hash was revoked.
    Revocation(String),
}

/// A site with its secrets opened.
#[derive(Debug)]
pub struct OpenSite {
    /// The site.
    pub site: Site,
    /// What its tokens are signed with.
    pub secrets: OpenSecrets,
}

/// A project with its secrets opened.
#[derive(Debug)]
pub struct OpenProject {
    /// The project.
    pub project: Project,
    /// Its API secrets.
    pub secrets: OpenSecrets,
    /// Its active token sets.
    pub token_sets: Vec<OpenTokenSet>,
}

/// An API key with its secret opened.
#[derive(Debug)]
pub struct Credential {
    /// The key.
    pub key: Arc<ApiKey>,
    /// Its client secret.
    pub secret: Secret,
}

#[derive(Debug, Clone)]
enum Record {
    Issuer(Arc<Issuer>),
    SigningKeys(Arc<SigningKeys>),
    ApiKey(Arc<Credential>),
    Entity(Arc<Entity>),
    Integration(Arc<Integration>),
    Provider(Arc<Provider>),
    PartnerKey(Arc<PartnerKey>),
    Partner(Arc<Partner>),
    Site(Arc<OpenSite>),
    SiteOwner(Arc<SiteOwner>),
    Project(Arc<OpenProject>),
    ProjectOwner(Arc<ProjectOwner>),
    Revocation,
}

/// The most records kept in a warm process.
const CAPACITY: usize = 10_000;

/// Reads of what requests need, remembered for `keep`: within that time of its commit a disable, revoke or rotate
/// takes effect everywhere.
#[derive(Debug)]
pub struct Directory {
    table: Table,
    data_key: Option<Arc<DataKey>>,
    keep: SignedDuration,
    cache: Cache<Lookup, (Timestamp, Record)>,
}

impl Directory {
    /// A directory that can open sealed secrets.
    #[must_use]
    pub fn new(table: Table, data_key: Arc<DataKey>, keep: SignedDuration) -> Self {
        Self { table, data_key: Some(data_key), keep, cache: Cache::new(CAPACITY) }
    }

    /// A directory of what is public, which holds no key to anything.
    #[must_use]
    pub fn public(table: Table, keep: SignedDuration) -> Self {
        Self { table, data_key: None, keep, cache: Cache::new(1) }
    }

    /// What one request sees: every record read at most once.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> View<'_> {
        View { directory: self, now, seen: Vec::new() }
    }

    fn remembered(&self, lookup: &Lookup, now: Timestamp) -> Option<Record> {
        let (read_at, record) = self.cache.get(lookup)?;
        let age = now.duration_since(read_at);
        (!age.is_negative() && age < self.keep).then_some(record)
    }

    fn open(&self, lookup: &Lookup, item: Item, now: Timestamp) -> Result<Record, StoreError> {
        Ok(match lookup {
            Lookup::Issuer => Record::Issuer(from_item(item, "read issuer").map(Arc::new)?),
            Lookup::SigningKeys => Record::SigningKeys(self.open_signing_keys(item, now)?),
            Lookup::ApiKey(_) => Record::ApiKey(self.open_credential(item)?),
            Lookup::Entity(_) => Record::Entity(from_item(item, "read entity").map(Arc::new)?),
            Lookup::Integration(..) => {
                Record::Integration(from_item(item, "read integration").map(Arc::new)?)
            }
            Lookup::Provider(..) => Record::Provider(from_item(item, "read provider").map(Arc::new)?),
            Lookup::PartnerKey(_) => Record::PartnerKey(from_item(item, "read partner key").map(Arc::new)?),
            Lookup::Partner(..) => Record::Partner(from_item(item, "read partner").map(Arc::new)?),
            Lookup::Site(..) => Record::Site(self.open_site(item)?),
            Lookup::SiteOwner(_) => Record::SiteOwner(from_item(item, "read site").map(Arc::new)?),
            Lookup::Project(_) => Record::Project(self.open_project(item)?),
            Lookup::ProjectOfClient(_) | Lookup::ProjectOfSecret(_) => {
                Record::ProjectOwner(from_item(item, "read project").map(Arc::new)?)
            }
            Lookup::Revocation(_) => {
                from_item(item, "read revocation").map(|_: Revocation| Record::Revocation)?
            }
        })
    }

    /// Parsing an RSA key costs more than a signature, so keys that have not changed are kept as they are.
    fn open_signing_keys(&self, item: Item, now: Timestamp) -> Result<Arc<SigningKeys>, StoreError> {
        let sealed: SealedKeys = from_item(item, "read signing keys")?;
        match self.cache.get(&Lookup::SigningKeys) {
            Some((_, Record::SigningKeys(known))) if known.version == sealed.version => Ok(known),
            _ => SigningKeys::open(&sealed, self.data_key()?, now).map(Arc::new),
        }
    }

    fn open_credential(&self, item: Item) -> Result<Arc<Credential>, StoreError> {
        let key: ApiKey = from_item(item, "read key")?;
        let secret = open_secret(self.data_key()?, &key.secret, &key::api_key(&key.client_id))?;
        Ok(Arc::new(Credential { key: Arc::new(key), secret }))
    }

    fn open_site(&self, item: Item) -> Result<Arc<OpenSite>, StoreError> {
        let site: Site = from_item(item, "read site")?;
        let at = key::site(site.partner_id, &site.name);
        let secrets = OpenSecrets::open(self.data_key()?, &site.secrets, &at)?;
        Ok(Arc::new(OpenSite { site, secrets }))
    }

    fn open_project(&self, item: Item) -> Result<Arc<OpenProject>, StoreError> {
        let project: Project = from_item(item, "read project")?;
        let (data_key, at) = (self.data_key()?, key::project(project.id));
        let secrets = OpenSecrets::open(data_key, &project.secrets, &at)?;
        let active = project.tokens.token_sets.iter().filter(|set| set.active);
        let token_sets = active.map(|set| set.open(data_key, &at.place())).collect::<Result<_, _>>();
        let token_sets = token_sets.map_err(StoreError::damaged("open token sets"))?;
        Ok(Arc::new(OpenProject { project, secrets, token_sets }))
    }

    fn data_key(&self) -> Result<&DataKey, StoreError> {
        self.data_key.as_deref().ok_or(StoreError::NotInitialised { what: "this function's data key" })
    }
}

/// The records one request has read.
#[derive(Debug)]
pub struct View<'d> {
    directory: &'d Directory,
    now: Timestamp,
    seen: Vec<(Lookup, Record)>,
}

impl View<'_> {
    /// Reads all of `lookups` that this view does not have yet: from the cache, and the rest in one round trip.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fetch(&mut self, lookups: impl IntoIterator<Item = Lookup>) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for lookup in lookups {
            if self.find(&lookup).is_some() || missing.iter().any(|(_, it)| *it == lookup) {
                continue;
            }
            match self.directory.remembered(&lookup, self.now) {
                Some(record) => self.seen.push((lookup, record)),
                None => missing.push((lookup.key(), lookup)),
            }
        }
        for item in self.directory.table.read_many(missing.iter().map(|(key, _)| key), "look up").await? {
            let key = ItemKey::of(&item);
            let Some((_, lookup)) = missing.iter().find(|(wanted, _)| Some(wanted) == key.as_ref()) else {
                continue;
            };
            let record = self.directory.open(lookup, item, self.now)?;
            self.directory.cache.insert(lookup.clone(), (self.now, record.clone()));
            self.seen.push((lookup.clone(), record));
        }
        Ok(())
    }

    /// The ancestors of every entity read so far.
    pub fn ancestors(&self) -> impl Iterator<Item = EntityId> + '_ {
        let entities = self.seen.iter().filter_map(|(_, record)| match record {
            Record::Entity(entity) => Some(entity),
            _ => None,
        });
        entities.flat_map(|entity| entity.ancestors.iter().copied())
    }

    fn find(&self, lookup: &Lookup) -> Option<&Record> {
        self.seen.iter().find(|(seen, _)| seen == lookup).map(|(_, record)| record)
    }

    /// The issuer; every deployment has one.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`].
    pub fn issuer(&self) -> Result<&Arc<Issuer>, StoreError> {
        match self.find(&Lookup::Issuer) {
            Some(Record::Issuer(issuer)) => Ok(issuer),
            _ => Err(StoreError::NotInitialised { what: "the issuer" }),
        }
    }

    /// The signing keys; every deployment has some.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`].
    pub fn signing_keys(&self) -> Result<&Arc<SigningKeys>, StoreError> {
        match self.find(&Lookup::SigningKeys) {
            Some(Record::SigningKeys(keys)) => Ok(keys),
            _ => Err(StoreError::NotInitialised { what: "the signing keys" }),
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

    /// A partner's key.
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

    /// Whose a site is.
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

    /// Which project `lookup` leads to: [`Lookup::ProjectOfClient`] or [`Lookup::ProjectOfSecret`].
    #[must_use]
    pub fn project_owner(&self, lookup: &Lookup) -> Option<&Arc<ProjectOwner>> {
        match self.find(lookup) {
            Some(Record::ProjectOwner(owner)) => Some(owner),
            _ => None,
        }
    }

    /// Whether the token of that hash was revoked.
    #[must_use]
    pub fn is_revoked(&self, digest: &str) -> bool {
        self.find(&Lookup::Revocation(digest.to_owned())).is_some()
    }

    /// An entity.
    #[must_use]
    pub fn entity(&self, id: EntityId) -> Option<&Arc<Entity>> {
        match self.find(&Lookup::Entity(id)) {
            Some(Record::Entity(entity)) => Some(entity),
            _ => None,
        }
    }

    /// An entity with its ancestors, if all of them have been fetched.
    #[must_use]
    pub fn lineage(&self, id: EntityId) -> Option<Lineage> {
        Lineage::new(self.entity(id)?.clone(), |id| self.entity(id).cloned())
    }
}

impl Lookup {
    /// An entity and all its ancestors: what [`View::lineage`] needs.
    #[must_use]
    pub fn lineage(entity: EntityId, ancestors: &[EntityId]) -> Vec<Self> {
        std::iter::once(entity).chain(ancestors.iter().copied()).map(Self::Entity).collect()
    }

    fn key(&self) -> ItemKey {
        match self {
            Self::Issuer => key::issuer(),
            Self::SigningKeys => key::signing_keys(),
            Self::ApiKey(id) => key::api_key(id),
            Self::Entity(id) => key::entity(*id),
            Self::Integration(entity, id) => key::integration(*entity, *id),
            Self::Provider(entity, id) => key::provider(*entity, *id),
            Self::PartnerKey(digest) => key::partner_key(digest),
            Self::Partner(entity, id) => key::partner(*entity, *id),
            Self::Site(partner, name) => key::site(*partner, name),
            Self::SiteOwner(id) => key::owner_of_site(*id),
            Self::Project(id) => key::project(*id),
            Self::ProjectOfClient(id) => key::project_of_client(id),
            Self::ProjectOfSecret(digest) => key::project_of_secret(digest),
            Self::Revocation(digest) => key::revocation(digest),
        }
    }
}
