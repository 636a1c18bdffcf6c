//! Attaching devices to users and detaching them (S5, S7). The change and its history are written in one transaction.

use std::ops::ControlFlow;

use model::{
    Access, AttachedDevice, DEVICES_PER_USER, DeviceId, DeviceInfo, DeviceMetadata, Identity, ProjectId,
    Signals, Timestamp, UNSIGNED_DEVICES_PER_USER, UserId,
};
use serde::Serialize;

use crate::dynamodb::key;
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::counter::Counter;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;
use crate::signed::write_history::write_history;

/// A device as a call reports it. A field that the call leaves out is `None`.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    /// The id of the device.
    pub id: DeviceId,
    /// The user it belongs to.
    pub user: UserId,
    /// The identity that was found for it.
    pub identity: Option<Identity>,
    /// What the device reports about itself.
    pub info: Option<DeviceInfo>,
    /// What the app reports about it.
    pub metadata: Option<DeviceMetadata>,
    /// What distinguishes it from other devices.
    pub signals: Option<Signals>,
}

/// The attributes of a known device that a report changes.
#[derive(Serialize)]
struct ReportedAttributes<'a> {
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

/// How often an attach is tried while concurrent calls attach and detach the same device.
const ATTEMPTS: u32 = 3;

impl Devices {
    /// Attaches a device to its user, or updates it if it is attached. Writes `access` to the history.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn attach(
        &self,
        project: ProjectId,
        report: DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        for _ in 0..ATTEMPTS {
            match self.update_attached(project, &report, access).await {
                Err(WriteError::Refused(Refusal::Gone)) => {}
                result => return result,
            }
            match self.attach_new(project, &report, access).await {
                Err(WriteError::Refused(Refusal::Stale)) => {}
                result => return result,
            }
        }
        Err(Refusal::Stale.into())
    }

    /// Fails with [`Refusal::Gone`] if the device is not attached.
    async fn update_attached(
        &self,
        project: ProjectId,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        let attributes = ReportedAttributes {
            updated_at: access.at,
            identity: report.identity.as_ref(),
            info: report.info.as_ref(),
            metadata: report.metadata.as_ref(),
            signals: report.signals.as_ref(),
        };
        let user_hash = self.hash(project, report.user.as_str());
        let mut transaction = Transaction::new(&self.table, "update attached device");
        transaction.update_existing(&key::attached_device(project, &user_hash, &report.id), &attributes)?;
        write_history(&mut transaction, project, &user_hash, access)?;
        transaction.commit().await
    }

    /// Fails with [`Refusal::Stale`] if the device is attached.
    async fn attach_new(
        &self,
        project: ProjectId,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        let DeviceReport { id, user, identity, info, metadata, signals } = report.clone();
        let user_hash = self.hash(project, user.as_str());
        let key = key::attached_device(project, &user_hash, &id);
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
        let limit = if access.unsigned.is_none() { DEVICES_PER_USER } else { UNSIGNED_DEVICES_PER_USER };
        let mut transaction = Transaction::new(&self.table, "attach new device");
        transaction.create(&key, &device, Refusal::Stale)?;
        transaction.increment_or_create_below(&key::attached_count(project, &user_hash), limit)?;
        write_history(&mut transaction, project, &user_hash, access)?;
        transaction.commit().await
    }

    /// Detaches a device from its user and writes `access` to the history. Returns `false`, and writes nothing, if the
    /// device is not attached.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn detach(
        &self,
        project: ProjectId,
        (user, device): (&UserId, &DeviceId),
        access: &Access,
    ) -> Result<bool, WriteError> {
        let user_hash = self.hash(project, user.as_str());
        let mut transaction = Transaction::new(&self.table, "detach device");
        transaction.delete_existing(&key::attached_device(project, &user_hash, device))?;
        transaction.decrement(&key::attached_count(project, &user_hash))?;
        write_history(&mut transaction, project, &user_hash, access)?;
        match transaction.commit().await {
            Err(WriteError::Refused(Refusal::Gone)) => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// Reads how many devices `user` has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_attached(&self, project: ProjectId, user: &UserId) -> Result<u32, StoreError> {
        let key = key::attached_count(project, &self.hash(project, user.as_str()));
        let counter: Option<Counter> = self.table.read(&key, "count attached devices").await?;
        Ok(counter.map_or(0, |counter| counter.dependents))
    }

    /// Reads all devices of `user`, ordered by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_attached(
        &self,
        project: ProjectId,
        user: &UserId,
    ) -> Result<Vec<AttachedDevice>, StoreError> {
        const STEP: &str = "list attached devices";
        let list = key::attached_devices(project, &self.hash(project, user.as_str()));
        let mut devices = Vec::new();
        let add = |item: Item| {
            devices.push(from_item(item, STEP)?);
            Ok(ControlFlow::Continue(()))
        };
        self.table.for_each(&list, STEP, add).await?;
        Ok(devices)
    }
}
