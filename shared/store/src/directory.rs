//! The hot path's reads: cached for a short, published time, and as few round trips as the keys allow.

use std::sync::Arc;

use crypto::{DataKey, Secret};
use model::{
    ApiKey, ClientId, Entity, EntityId, Integration, IntegrationId, Lineage, Provider, ProviderId,
    SignedDuration, Timestamp,
};
use quick_cache::sync::Cache;

use crate::error::StoreError;
use crate::issuer::Issuer;
use crate::key::{self, ItemKey};
use crate::signing_keys::{SealedKeys, SigningKeys};
use crate::table::{Item, Table, from_item};

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
        let secret = open_secret(self.data_key()?, &key)?;
        Ok(Arc::new(Credential { key: Arc::new(key), secret }))
    }

    fn data_key(&self) -> Result<&DataKey, StoreError> {
        self.data_key.as_deref().ok_or(StoreError::NotInitialised { what: "this function's data key" })
    }
}

/// The secret of `key`, which was sealed for the place where the key is stored.
pub(crate) fn open_secret(data_key: &DataKey, key: &ApiKey) -> Result<Secret, StoreError> {
    const WHAT: &str = "open client secret";
    let place = key::api_key(&key.client_id).place();
    let bytes = data_key.open(&key.secret, &place).map_err(StoreError::damaged(WHAT))?;
    let text = std::str::from_utf8(&bytes).map_err(StoreError::damaged(WHAT))?;
    Ok(Secret::from(text.to_owned()))
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
    fn key(&self) -> ItemKey {
        match self {
            Self::Issuer => key::issuer(),
            Self::SigningKeys => key::signing_keys(),
            Self::ApiKey(id) => key::api_key(id),
            Self::Entity(id) => key::entity(*id),
            Self::Integration(entity, id) => key::integration(*entity, *id),
            Self::Provider(entity, id) => key::provider(*entity, *id),
        }
    }
}
