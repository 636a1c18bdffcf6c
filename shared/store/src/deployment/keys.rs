//! The keys of a deployment, as one process holds them.

use std::sync::Arc;

use crypto::{DataKeys, HashKey};
use model::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, watch};

use crate::deployment::data_key::DataKeySource;
use crate::deployment::item::DeploymentItem;
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, Table, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::sealed_values::name_unknown_key;

/// How old the list of data keys may be in a process that seals. A rotation waits longer than this before it seals with a
/// new key, and before it seals old values again.
pub(super) const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);

/// The least time between two reads of the list because of values that name an unknown key. Such values may be damaged, and
/// must not cause a call of KMS each.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(10);

const READ: &str = "read deployment";

/// The data keys and the hash key of a deployment. The data keys follow a rotation.
#[derive(Debug)]
pub struct DeploymentKeys {
    table: Table,
    source: DataKeySource,
    hash_key: HashKey,
    current: watch::Sender<Current>,
    /// Held by the one request that reads the list.
    reading: Mutex<()>,
}

/// The data keys, and when they were read.
#[derive(Debug, Clone)]
struct Current {
    data_keys: Arc<DataKeys>,
    version: u64,
    read_at: Timestamp,
    tried_at: Timestamp,
}

impl DeploymentKeys {
    /// Reads the keys of the deployment in `table`.
    ///
    /// # Errors
    /// [`StoreError`]: the table is not initialised or has a newer layout, KMS fails, or this is not the key of this table.
    pub async fn open(source: &DataKeySource, table: &Table, now: Timestamp) -> Result<Self, StoreError> {
        Self::open_with(source, table, &[], now).await.map(|(keys, _)| keys)
    }

    /// Reads the keys, and the items `others` in the same request. Leaves out items that do not exist.
    pub(crate) async fn open_with(
        source: &DataKeySource,
        table: &Table,
        others: &[ItemKey],
        now: Timestamp,
    ) -> Result<(Self, Vec<Item>), StoreError> {
        let deployment_key = key::deployment();
        let read = table.read_many(others.iter().chain([&deployment_key]), READ);
        let mut items = source.connect_during(read).await?;
        let is_deployment = |item: &Item| ItemKey::of(item).as_ref() == Some(&deployment_key);
        let position = items.iter().position(is_deployment).ok_or(NOT_CREATED)?;
        let item: DeploymentItem = from_item(items.swap_remove(position), READ)?;
        Ok((Self::of_item(source, table, item, now).await?, items))
    }

    async fn of_item(
        source: &DataKeySource,
        table: &Table,
        item: DeploymentItem,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let item = item.checked(source.first_name(table))?;
        let (data_keys, hash_key) = open_item(source, &item).await?;
        Ok(Self::new(source, table, hash_key, Current::new(data_keys, item.version, now)))
    }

    fn new(source: &DataKeySource, table: &Table, hash_key: HashKey, current: Current) -> Self {
        Self {
            table: table.clone(),
            source: source.clone(),
            hash_key,
            current: watch::Sender::new(current),
            reading: Mutex::new(()),
        }
    }

    /// Creates the keys of a new deployment. Fails with [`Refusal::Stale`] if the deployment has keys.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create(source: &DataKeySource, table: &Table, now: Timestamp) -> Result<Self, WriteError> {
        const STEP: &str = "create deployment";
        if table.read::<DeploymentItem>(&key::deployment(), READ).await?.is_some() {
            return Err(Refusal::Stale.into());
        }
        let (stored, data_key) = source.create_first(now).await?;
        let data_keys = DataKeys::new(data_key, Vec::new());
        let hash_key = HashKey::generate().map_err(StoreError::damaged(STEP))?;
        let sealed =
            hash_key.seal(&data_keys, &key::deployment().place()).map_err(StoreError::damaged(STEP))?;
        let item = DeploymentItem::new(stored, sealed, now);
        let mut transaction = Transaction::new(table, STEP);
        transaction.create(&key::deployment(), &item, Refusal::Stale)?;
        transaction.commit().await?;
        Ok(Self::new(source, table, hash_key, Current::new(data_keys, item.version, now)))
    }

    /// The data keys, which seal and open.
    #[must_use]
    pub fn data_keys(&self) -> Arc<DataKeys> {
        self.current.borrow().data_keys.clone()
    }

    /// The hash key, which makes ids.
    #[must_use]
    pub const fn hash_key(&self) -> &HashKey {
        &self.hash_key
    }

    /// Reads the list of data keys again if it is older than a minute. A function calls this before it seals.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refresh_if_old(&self, now: Timestamp) -> Result<(), StoreError> {
        let is_due = |current: &Current| !is_younger(current.read_at, MAX_AGE, now);
        self.refresh_if(is_due, now).await
    }

    /// Reads the list of data keys again if a value in `items` names a key that is not in it, but not more often than
    /// every ten seconds.
    pub(crate) async fn refresh_for(&self, items: &[Item], now: Timestamp) -> Result<(), StoreError> {
        if !name_unknown_key(items, &self.data_keys()) {
            return Ok(());
        }
        self.refresh_if(|current| !is_younger(current.tried_at, RETRY_AFTER, now), now).await
    }

    async fn refresh_if(&self, is_due: impl Fn(&Current) -> bool, now: Timestamp) -> Result<(), StoreError> {
        if !is_due(&self.current.borrow()) {
            return Ok(());
        }
        let _reading = self.reading.lock().await;
        if !is_due(&self.current.borrow()) {
            return Ok(()); // another request has read it meanwhile
        }
        self.current.send_modify(|current| current.tried_at = now);
        // The policies of functions allow a batch, as at the start.
        let read = self.table.read_in_order(&[key::deployment()], READ).await?;
        let item: DeploymentItem = read.into_iter().next().ok_or(NOT_CREATED)?;
        let item = item.checked(self.source.first_name(&self.table))?;
        if item.version == self.current.borrow().version {
            self.current.send_modify(|current| current.read_at = now);
            return Ok(());
        }
        let (data_keys, _) = open_item(&self.source, &item).await?;
        self.current.send_replace(Current::new(data_keys, item.version, now));
        Ok(())
    }
}

pub(super) const NOT_CREATED: StoreError = StoreError::NotInitialised { item: "the deployment's data key" };

impl Current {
    fn new(data_keys: DataKeys, version: u64, now: Timestamp) -> Self {
        Self { data_keys: Arc::new(data_keys), version, read_at: now, tried_at: now }
    }
}

/// Opens the keys of a checked item.
pub(super) async fn open_item(
    source: &DataKeySource,
    item: &DeploymentItem,
) -> Result<(DataKeys, HashKey), StoreError> {
    let (sealing, others) = item.sealing()?;
    let (data_key, bytes) = source.open(sealing).await?;
    let Some(sealed) = &item.hash_key else {
        let hash_key = HashKey::derive(&bytes).map_err(StoreError::damaged(READ))?;
        return Ok((DataKeys::unnamed(data_key), hash_key));
    };
    let mut other_keys = Vec::with_capacity(others.len());
    for stored in others {
        other_keys.push(source.open(stored).await?.0);
    }
    let data_keys = DataKeys::new(data_key, other_keys);
    let opened = HashKey::open(sealed, &data_keys, &key::deployment().place());
    Ok((data_keys, opened.map_err(StoreError::damaged("open hash key"))?))
}

fn is_younger(than: Timestamp, age: SignedDuration, now: Timestamp) -> bool {
    let passed = now.duration_since(than);
    !passed.is_negative() && passed < age
}
