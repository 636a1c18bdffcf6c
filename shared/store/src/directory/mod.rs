//! Reads for requests that issue or verify tokens: cached for a short, published time, and in as few requests to
//! DynamoDB as the keys allow.

mod lookup;
mod open;
mod record;
mod view;

use std::sync::Arc;

use crypto::DataKeys;
use model::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;

use crate::deployment::DeploymentKeys;
use crate::deployment::signing_keys::{SealedKeys, SigningKeys};
use crate::directory::record::Record;
use crate::dynamodb::table::{Item, Table, from_item};
use crate::error::StoreError;
use crate::registry::revocations::Revocation;

pub use lookup::Lookup;
pub use record::{Credential, OpenProject, OpenSite};
pub use view::View;

/// The maximum number of records in the cache of one process.
const CACHE_CAPACITY: usize = 10_000;

/// The cached reads of one process. A disabled key, a revocation or a rotation takes effect at the latest when
/// `cache_lifetime` has passed since it was written.
#[derive(Debug)]
pub struct Directory {
    table: Table,
    keys: Option<Arc<DeploymentKeys>>,
    cache_lifetime: SignedDuration,
    cache: Cache<Lookup, Cached>,
}

#[derive(Debug, Clone)]
struct Cached {
    read_at: Timestamp,
    record: Record,
}

impl Directory {
    /// A directory that can open sealed secrets.
    #[must_use]
    pub fn new(table: Table, keys: Arc<DeploymentKeys>, cache_lifetime: SignedDuration) -> Self {
        Self { table, keys: Some(keys), cache_lifetime, cache: Cache::new(CACHE_CAPACITY) }
    }

    /// A directory for public data, without a key to open secrets.
    #[must_use]
    pub fn public(table: Table, cache_lifetime: SignedDuration) -> Self {
        Self { table, keys: None, cache_lifetime, cache: Cache::new(CACHE_CAPACITY) }
    }

    /// Returns a record from the cache if it is not too old.
    fn cached(&self, lookup: &Lookup, now: Timestamp) -> Option<Record> {
        let Cached { read_at, record } = self.cache.get(lookup)?;
        let age = now.duration_since(read_at);
        (!age.is_negative() && age < self.cache_lifetime).then_some(record)
    }

    /// Parses an item, opens its secrets, and caches the record.
    fn open_and_cache(&self, lookup: &Lookup, item: Item, now: Timestamp) -> Result<Record, StoreError> {
        let record = self.open_record(lookup, item, now)?;
        self.cache.insert(lookup.clone(), Cached { read_at: now, record: record.clone() });
        Ok(record)
    }

    /// Caches that there is no item for `lookup`.
    fn cache_absent(&self, lookup: Lookup, now: Timestamp) {
        self.cache.insert(lookup, Cached { read_at: now, record: Record::Absent });
    }

    fn open_record(&self, lookup: &Lookup, item: Item, now: Timestamp) -> Result<Record, StoreError> {
        Ok(match lookup {
            Lookup::Issuer => Record::Issuer(parse(item, "read issuer")?),
            Lookup::SigningKeys => Record::SigningKeys(self.open_signing_keys(item, now)?),
            Lookup::ApiKey(_) => Record::ApiKey(Arc::new(Credential::open(item, &*self.data_keys()?)?)),
            Lookup::Entity(_) => Record::Entity(parse(item, "read entity")?),
            Lookup::Integration(..) => Record::Integration(parse(item, "read integration")?),
            Lookup::Provider(..) => Record::Provider(parse(item, "read provider")?),
            Lookup::PartnerKey(_) => Record::PartnerKey(parse(item, "read partner key")?),
            Lookup::Partner(..) => Record::Partner(parse(item, "read partner")?),
            Lookup::Site(..) => Record::Site(Arc::new(OpenSite::open(item, &*self.data_keys()?)?)),
            Lookup::SiteOwner(_) => Record::SiteOwner(parse(item, "read owner of site")?),
            Lookup::Project(_) => Record::Project(Arc::new(OpenProject::open(item, &*self.data_keys()?)?)),
            Lookup::ProjectOfClient(_) | Lookup::ProjectOfSecret(_) => {
                Record::ProjectOwner(parse(item, "read owner of project")?)
            }
            Lookup::Api(_) => Record::Api(parse(item, "read API")?),
            Lookup::ApiOfIdentifier(_) => Record::ApiOwner(parse(item, "read owner of identifier")?),
            Lookup::Revocation(_) => {
                from_item::<Revocation>(item, "read revocation").map(|_| Record::Revocation)?
            }
        })
    }

    /// Opens the signing keys, or keeps the cached ones if they have the same version: parsing an RSA key costs more
    /// than a signature.
    fn open_signing_keys(&self, item: Item, now: Timestamp) -> Result<Arc<SigningKeys>, StoreError> {
        let sealed: SealedKeys = from_item(item, "read signing keys")?;
        match self.cache.get(&Lookup::SigningKeys).map(|cached| cached.record) {
            Some(Record::SigningKeys(keys)) if keys.version == sealed.version => Ok(keys),
            _ => SigningKeys::open(&sealed, &*self.data_keys()?, now).map(Arc::new),
        }
    }

    /// Reads the list of data keys again if a value in `items` names a key that is not in it.
    async fn refresh_data_keys_for(&self, items: &[Item], now: Timestamp) -> Result<(), StoreError> {
        match &self.keys {
            Some(keys) => keys.refresh_for(items, now).await,
            None => Ok(()),
        }
    }

    /// The keys of the deployment.
    ///
    /// # Errors
    /// [`StoreError::NotInitialised`] if this directory is for public data.
    pub fn keys(&self) -> Result<&Arc<DeploymentKeys>, StoreError> {
        self.keys.as_ref().ok_or(StoreError::NotInitialised { item: "this function's data key" })
    }

    fn data_keys(&self) -> Result<Arc<DataKeys>, StoreError> {
        self.keys().map(|keys| keys.data_keys())
    }
}

fn parse<T: DeserializeOwned>(item: Item, step: &'static str) -> Result<Arc<T>, StoreError> {
    from_item(item, step).map(Arc::new)
}
