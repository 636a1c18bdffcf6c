//! Devices attached to users (S5, S7), and events that work once (S6). What changes and the history of it are written
//! together or not at all.

use std::sync::Arc;

use crypto::DataKey;
use model::{
    Access, AttachedDevice, ClientId, DEVICES_PER_USER, DeviceId, DeviceInfo, DeviceMetadata, Identity,
    ProjectId, Signals, Timestamp, UNSIGNED_DEVICES_PER_USER, UserId,
};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::page::{List, Walk};
use crate::dynamodb::table::{Item, Table, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::history::remember;

/// The devices of projects' users.
#[derive(Debug, Clone)]
pub struct Devices {
    pub(crate) table: Table,
    pub(crate) data_key: Arc<DataKey>,
}

/// A device as a call shows it; what the call does not say of it is `None`.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// Who it was taken for.
    pub identity: Option<Identity>,
    /// What it says of itself.
    pub info: Option<DeviceInfo>,
    /// What the app says of it.
    pub metadata: Option<DeviceMetadata>,
    /// What tells it from others.
    pub signals: Option<Signals>,
}

/// What works once.
#[derive(Debug, Clone, Copy)]
pub struct OneTimeEvent<'a> {
    /// What it is called.
    pub id: &'a str,
    /// From when, in Unix seconds, nobody can use it again, and nobody need know it; never, if there is none.
    pub expires_at: Option<i64>,
}

#[derive(Deserialize)]
struct Count {
    dependents: u32,
}

/// An item that says by being there that an event was used.
#[derive(Serialize, Deserialize)]
struct Spent {
    used_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

/// How often an attach is tried that a detach gets in the way of.
const ATTEMPTS: u32 = 3;

impl Devices {
    /// The devices in `table`.
    #[must_use]
    pub fn new(table: Table, data_key: Arc<DataKey>) -> Self {
        Self { table, data_key }
    }

    /// What `user` of `project` is called where the name itself must not stand, or would be too long.
    #[must_use]
    pub fn hash(&self, project: ProjectId, user: &str) -> String {
        self.data_key.keyed_hash("window S user", &[&project.to_string(), user])
    }

    /// The device that `signals` tell under `user`: the same ones always the same device (S5).
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: a hash is always an id.
    pub fn device_id_for_signals(
        &self,
        project: ProjectId,
        user: &UserId,
        signals: &Signals,
    ) -> Result<DeviceId, StoreError> {
        let project = project.to_string();
        let parts = [&[project.as_str(), user.as_str()], &*signals.parts()].concat();
        let id = self.data_key.keyed_hash("window S device", &parts);
        DeviceId::try_from(id).map_err(StoreError::damaged("name device"))
    }

    /// A device like no other.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_device_id(&self) -> Result<DeviceId, StoreError> {
        let id = ClientId::generate().map_err(StoreError::damaged("make device"))?;
        DeviceId::try_from(String::from(id)).map_err(StoreError::damaged("make device"))
    }

    /// An identity like no other.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_identity(&self) -> Result<Identity, StoreError> {
        let id = ClientId::generate().map_err(StoreError::damaged("make identity"))?;
        Identity::try_from(String::from(id)).map_err(StoreError::damaged("make identity"))
    }

    /// Who a device of `project` with these marks is: the same marks always the same identity, and not to be guessed
    /// (S6).
    ///
    /// # Errors
    /// [`StoreError::Damaged`]: a hash is always an identity.
    pub fn identity(&self, project: ProjectId, kind: &str, marks: &[&str]) -> Result<Identity, StoreError> {
        let project = project.to_string();
        let parts = [&[project.as_str(), kind], marks].concat();
        let identity = self.data_key.keyed_hash("window S identity", &parts);
        Identity::try_from(identity).map_err(StoreError::damaged("name identity"))
    }

    /// The device is its user's from now on, or still, and `access` is remembered with it.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn attach(
        &self,
        project: ProjectId,
        seen: DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        for _ in 0..ATTEMPTS {
            match self.attach_known(project, &seen, access).await {
                Err(WriteError::Refused(Refusal::Gone)) => {}
                ended => return ended,
            }
            match self.attach_new(project, &seen, access).await {
                Err(WriteError::Refused(Refusal::Stale)) => {}
                ended => return ended,
            }
        }
        Err(Refusal::Stale.into())
    }

    async fn attach_known(
        &self,
        project: ProjectId,
        seen: &DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        #[derive(Serialize)]
        struct Refreshed<'a> {
            updated_at: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            identity: Option<&'a Identity>,
            #[serde(skip_serializing_if = "Option::is_none")]
            info: Option<&'a DeviceInfo>,
            #[serde(skip_serializing_if = "Option::is_none")]
            metadata: Option<&'a DeviceMetadata>,
            #[serde(skip_serializing_if = "Option::is_none")]
            signals: Option<&'a Signals>,
        }
        let refreshed = Refreshed {
            updated_at: access.at,
            identity: seen.identity.as_ref(),
            info: seen.info.as_ref(),
            metadata: seen.metadata.as_ref(),
            signals: seen.signals.as_ref(),
        };
        let mut transaction = Transaction::new(&self.table, "attach known device");
        let user = self.hash(project, seen.user.as_str());
        transaction.refresh(&key::device(project, &user, &seen.id), &refreshed)?;
        remember(&mut transaction, project, &user, access)?;
        transaction.commit().await
    }

    async fn attach_new(
        &self,
        project: ProjectId,
        seen: &DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        let DeviceReport { id, user, identity, info, metadata, signals } = seen.clone();
        let hash = self.hash(project, user.as_str());
        let at = key::device(project, &hash, &id);
        let device = AttachedDevice {
            id,
            user,
            identity,
            info: info.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            signals: signals.unwrap_or_default(),
            created_at: access.at,
            updated_at: access.at,
        };
        let mut transaction = Transaction::new(&self.table, "attach new device");
        transaction.create(&at, &device, Refusal::Stale)?;
        let limit = if access.unsigned.is_none() { DEVICES_PER_USER } else { UNSIGNED_DEVICES_PER_USER };
        transaction.count_up(&key::devices_of(project, &hash), limit)?;
        remember(&mut transaction, project, &hash, access)?;
        transaction.commit().await
    }

    /// The device is its user's no more, and `access` is remembered with it; `false` if it was not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn detach(
        &self,
        project: ProjectId,
        (user, device): (&UserId, &DeviceId),
        access: &Access,
    ) -> Result<bool, WriteError> {
        let hash = self.hash(project, user.as_str());
        let mut transaction = Transaction::new(&self.table, "detach device");
        transaction.remove(&key::device(project, &hash, device))?;
        transaction.count(&key::devices_of(project, &hash), -1, None)?;
        remember(&mut transaction, project, &hash, access)?;
        match transaction.commit().await {
            Err(WriteError::Refused(Refusal::Gone)) => Ok(false),
            ended => ended.map(|()| true),
        }
    }

    /// How many devices `user` has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_attached(&self, project: ProjectId, user: &UserId) -> Result<u32, StoreError> {
        let at = key::devices_of(project, &self.hash(project, user.as_str()));
        let count: Option<Count> = self.table.read(&at, "count devices").await?;
        Ok(count.map_or(0, |count| count.dependents))
    }

    /// The devices of `user`, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_attached(
        &self,
        project: ProjectId,
        user: &UserId,
    ) -> Result<Vec<AttachedDevice>, StoreError> {
        const WHAT: &str = "list devices";
        let pk = key::attached_to(project, &self.hash(project, user.as_str()));
        let list = List { pk, prefix: key::DEVICE.to_owned(), newest_first: false };
        let mut devices = Vec::new();
        let each = |item: Item| {
            devices.push(from_item(item, WHAT)?);
            Ok(Walk::Continue(()))
        };
        self.table.walk(&list, WHAT, each).await?;
        Ok(devices)
    }

    /// Whether `event` was used: a first look, for [`Self::record_identification`] alone decides.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_event_used(&self, project: ProjectId, event: &str) -> Result<bool, StoreError> {
        let spent: Option<Spent> = self.table.read(&self.event(project, event), "look up event").await?;
        Ok(spent.is_some())
    }

    fn event(&self, project: ProjectId, event: &str) -> ItemKey {
        let hash = self.data_key.keyed_hash("window S event", &[&project.to_string(), event]);
        key::event(project, &hash)
    }

    /// Somebody was identified, and `access` is remembered; with the use of `event`, if there is one, which must be its
    /// first.
    ///
    /// # Errors
    /// [`Refusal::Replayed`] (the event), or [`StoreError`].
    pub async fn record_identification(
        &self,
        project: ProjectId,
        event: Option<OneTimeEvent<'_>>,
        access: &Access,
    ) -> Result<(), WriteError> {
        let mut transaction = Transaction::new(&self.table, "remember identify");
        if let Some(event) = event {
            let spent = Spent { used_at: access.at, expires_at: event.expires_at };
            transaction.create(&self.event(project, event.id), &spent, Refusal::Replayed)?;
        }
        remember(&mut transaction, project, "", access)?;
        transaction.commit().await
    }
}
