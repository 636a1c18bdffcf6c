//! Replaces the data key of a deployment while its functions run (A10).
//!
//! 1. A new key is added. It does not seal yet.
//! 2. After a wait in which every function that seals has read the list, the new key seals.
//! 3. After another such wait no function seals with the old key. Every value in the table is sealed again.
//! 4. When nothing is left under the old key, it is removed.
//!
//! The item `deployment` has the state, so the next call continues where an interrupted one stopped.

mod reseal;

use crypto::{DataKeys, HashKey};
use model::{SignedDuration, Timestamp};

use crate::deployment::data_key::DataKeySource;
use crate::deployment::item::{DeploymentItem, LAYOUT};
use crate::deployment::keys::{MAX_AGE, NOT_CREATED, open_item};
use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};

/// The longest time that a request takes: API Gateway's timeout. The timeout of the stack's functions is shorter.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(30);

const STEP: &str = "rotate data key";

const NO_NAME: &str = "this deployment has no name yet; if --deployment is the stack's output DeploymentName, run this again \
    with --give-name; with another name no function starts";

/// The rotation of the data key of one deployment.
#[derive(Debug)]
pub struct Rotation<'s> {
    table: &'s Table,
    source: &'s DataKeySource,
    /// The version of the deployment, and when this process first read it. Waits begin then: the stored times may come from
    /// another computer, whose clock may be wrong.
    seen: Option<(u64, Timestamp)>,
    may_name: bool,
}

/// What [`Rotation::advance`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationStep {
    /// It added a new data key, which does not seal yet.
    Added,
    /// It did nothing: functions have time until then to read the list of data keys.
    Wait {
        /// When to call it again.
        until: Timestamp,
    },
    /// The new data key seals now.
    Switched,
    /// It sealed values again.
    Resealed {
        /// The number of items whose values are under the new key now.
        items: usize,
        /// The number of items that changed at the same time. The next call seals them.
        changed: usize,
    },
    /// Nothing was left under the old data key. It is removed, and the rotation is complete.
    Finished,
}

/// The state of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is one data key.
    Idle,
    /// There are two, and the new one does not seal yet.
    Added,
    /// The new one seals.
    Switched,
}

impl<'s> Rotation<'s> {
    /// The rotation of the data key of the deployment in `table`.
    #[must_use]
    pub const fn new(table: &'s Table, source: &'s DataKeySource) -> Self {
        Self { table, source, seen: None, may_name: false }
    }

    /// Lets a deployment without a name get one. Functions decrypt a data key only for the name in their policies, and
    /// nothing here knows that name.
    #[must_use]
    pub const fn naming(self) -> Self {
        Self { may_name: true, ..self }
    }

    /// Begins a rotation, or does the next step of the one that has begun.
    ///
    /// # Errors
    /// [`Refusal::Stale`](crate::Refusal::Stale) if another command rotates at the same time, or [`StoreError`]. An error
    /// leaves the deployment as it is: every value opens, and the next call continues.
    pub async fn advance(&mut self, now: Timestamp) -> Result<RotationStep, WriteError> {
        let _lock = self.source.lock()?;
        let item = self.read().await?;
        let state = state(&item)?;
        if let (State::Added | State::Switched, Some(until)) = (state, self.wait_until(item.version, now)) {
            return Ok(RotationStep::Wait { until });
        }
        match state {
            State::Idle => self.add(item, now).await,
            State::Added => self.switch(item, now).await,
            State::Switched => self.reseal(item).await,
        }
    }

    /// When every function that seals has read this version of the deployment, if that is later than `now`.
    fn wait_until(&mut self, version: u64, now: Timestamp) -> Option<Timestamp> {
        let since = match self.seen {
            Some((seen, since)) if seen == version => since,
            _ => now,
        };
        self.seen = Some((version, since));
        let until = since + MAX_AGE + LONGEST_REQUEST;
        (now < until).then_some(until)
    }

    /// Removes a new data key that does not seal yet. Returns whether there was one.
    ///
    /// # Errors
    /// As [`Rotation::advance`].
    pub async fn cancel(&self) -> Result<bool, WriteError> {
        let _lock = self.source.lock()?;
        let mut item = self.read().await?;
        if state(&item)? != State::Added {
            return Ok(false);
        }
        item.data_keys.retain(|key| key.seals_since.is_some());
        self.write(&mut item).await?;
        self.source.keep_only(&item)?;
        Ok(true)
    }

    /// Adds a new data key. Converts a table of layout 1.
    async fn add(&self, mut item: DeploymentItem, now: Timestamp) -> Result<RotationStep, WriteError> {
        let (data_keys, hash_key) = open_item(self.source, &item).await?;
        let (sealing, _) = item.sealing()?;
        if sealing.is_wrapped_for_table() && !self.may_name {
            return Err(StoreError::damaged(STEP)(NO_NAME).into());
        }
        self.source.keep_only(&item)?;
        let (new, _) = self.source.create(sealing.deployment_name(), now).await?;
        item.data_keys.push(new);
        item.layout = LAYOUT;
        item.hash_key = Some(seal_hash_key(&hash_key, &data_keys)?);
        self.write(&mut item).await?;
        Ok(RotationStep::Added)
    }

    /// Makes the new data key the one that seals, and seals the hash key with it.
    async fn switch(&self, mut item: DeploymentItem, now: Timestamp) -> Result<RotationStep, WriteError> {
        // This opens the new key as well. A key that does not open must not seal.
        let (_, hash_key) = open_item(self.source, &item).await?;
        for stored in item.data_keys.iter_mut().filter(|key| key.seals_since.is_none()) {
            stored.seals_since = Some(now);
        }
        let (switched, _) = self.source.open(item.sealing()?.0).await?;
        item.hash_key = Some(seal_hash_key(&hash_key, &DataKeys::new(switched, Vec::new()))?);
        self.write(&mut item).await?;
        Ok(RotationStep::Switched)
    }

    /// Seals again what is under the old data key. Removes the old key if nothing is.
    async fn reseal(&self, mut item: DeploymentItem) -> Result<RotationStep, WriteError> {
        let (data_keys, _) = open_item(self.source, &item).await?;
        let walk = reseal::walk(self.table, &data_keys).await?;
        if walk.items + walk.changed > 0 {
            return Ok(RotationStep::Resealed { items: walk.items, changed: walk.changed });
        }
        let sealing = item.sealing()?.0.clone();
        item.data_keys = vec![sealing];
        self.write(&mut item).await?;
        self.source.keep_only(&item)?;
        Ok(RotationStep::Finished)
    }

    async fn read(&self) -> Result<DeploymentItem, StoreError> {
        let read: Option<DeploymentItem> = self.table.read(&key::deployment(), "read deployment").await?;
        read.ok_or(NOT_CREATED)?.checked(self.source.first_name(self.table))
    }

    /// Replaces the item if nobody else has changed it.
    async fn write(&self, item: &mut DeploymentItem) -> Result<(), WriteError> {
        let read_version = item.version;
        item.version += 1;
        let mut transaction = Transaction::new(self.table, STEP);
        match read_version {
            0 => transaction.replace_without_version(&key::deployment(), item)?,
            version => transaction.replace_version(&key::deployment(), item, version)?,
        }
        transaction.commit().await
    }
}

fn state(item: &DeploymentItem) -> Result<State, StoreError> {
    let (_, others) = item.sealing()?;
    Ok(match others[..] {
        [] => State::Idle,
        _ if others.iter().any(|key| key.seals_since.is_none()) => State::Added,
        _ => State::Switched,
    })
}

fn seal_hash_key(hash_key: &HashKey, data_keys: &DataKeys) -> Result<crypto::Sealed, StoreError> {
    hash_key.seal(data_keys, &key::deployment().place()).map_err(StoreError::damaged(STEP))
}
