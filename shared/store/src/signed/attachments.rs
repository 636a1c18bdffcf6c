//! Attaching devices to users and detaching them (S5, S7). The change and its history are written in one transaction.

use std::ops::ControlFlow;

use model::{
    Access, AttachedDevice, DEVICES_PER_USER, DeviceId, DeviceInfo, DeviceMetadata, DeviceReport, Identity,
    ProjectId, Signals, Timestamp, UNSIGNED_DEVICES_PER_USER, UserId,
};
use serde::Serialize;

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::counter::Counter;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;
use crate::signed::write_history::write_history;

/// The attributes of a known device that a report updates.
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
const ATTEMPTS: u32 = 6;

/// What is stored when an attach begins.
#[derive(Default)]
struct Stored {
    /// The device of the call, if it is attached.
    device: Option<AttachedDevice>,
    /// How many devices the user has.
    count: u32,
}

impl Devices {
    /// Attaches a device to its user, and writes `access` to the history. Returns how many devices the user has.
    ///
    /// The device is read first, so that a known device that reports nothing new costs no write, and a new device no
    /// failed one. If another call attaches or detaches the device after the read, the write fails and the attach is tried
    /// again. An attach that writes nothing to the device takes effect at the read.
    ///
    /// # Errors
    /// [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn attach(
        &self,
        project: ProjectId,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<u32, WriteError> {
        let user_hash = self.hash(project, report.user.as_str());
        for _ in 0..ATTEMPTS {
            let stored = self.read_stored(project, &user_hash, &report.id).await?;
            let written = match &stored.device {
                None => self.attach_new(project, &user_hash, report, access).await,
                Some(device) if report.must_update(device, access.at) => {
                    self.update_attached(project, &user_hash, report, access).await
                }
                Some(_) => self.record(project, &user_hash, access).await,
            };
            match written {
                Err(WriteError::Refused(Refusal::Gone | Refusal::Stale)) => {}
                Err(error) => return Err(error),
                // The two items are not read at the same instant, but a device that is attached counts.
                Ok(()) if stored.device.is_some() => return Ok(stored.count.max(1)),
                Ok(()) => return Ok(self.count_attached(project, &user_hash).await?),
            }
        }
        Err(Refusal::Stale.into())
    }

    /// Reads a device and the number of devices in one request.
    async fn read_stored(
        &self,
        project: ProjectId,
        user_hash: &str,
        device: &DeviceId,
    ) -> Result<Stored, StoreError> {
        const STEP: &str = "read attached device";
        let device_key = key::attached_device(project, user_hash, device);
        let count_key = key::attached_count(project, user_hash);
        let mut stored = Stored::default();
        for item in self.table.read_many([&device_key, &count_key], STEP).await? {
            if ItemKey::of(&item).as_ref() == Some(&device_key) {
                stored.device = Some(from_item(item, STEP)?);
            } else {
                stored.count = from_item::<Counter>(item, STEP)?.dependents;
            }
        }
        Ok(stored)
    }

    /// Fails with [`Refusal::Gone`] if the device is not attached.
    async fn update_attached(
        &self,
        project: ProjectId,
        user_hash: &str,
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
        let mut transaction = Transaction::new(&self.table, "update attached device");
        transaction.update_existing(&key::attached_device(project, user_hash, &report.id), &attributes)?;
        write_history(&mut transaction, project, user_hash, access)?;
        transaction.commit().await
    }

    /// Fails with [`Refusal::Stale`] if the device is attached.
    async fn attach_new(
        &self,
        project: ProjectId,
        user_hash: &str,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), WriteError> {
        let key = key::attached_device(project, user_hash, &report.id);
        let limit = if access.unsigned.is_none() { DEVICES_PER_USER } else { UNSIGNED_DEVICES_PER_USER };
        let mut transaction = Transaction::new(&self.table, "attach new device");
        transaction.create(&key, &report.new_device(access.at), Refusal::Stale)?;
        transaction.increment_or_create_below(&key::attached_count(project, user_hash), limit)?;
        write_history(&mut transaction, project, user_hash, access)?;
        transaction.commit().await
    }

    /// Detaches a device from its user and writes `access` to the history. Writes nothing if the device is not attached.
    /// Returns how many devices the user has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn detach(
        &self,
        project: ProjectId,
        (user, device): (&UserId, &DeviceId),
        access: &Access,
    ) -> Result<u32, WriteError> {
        let user_hash = self.hash(project, user.as_str());
        let mut transaction = Transaction::new(&self.table, "detach device");
        transaction.delete_existing(&key::attached_device(project, &user_hash, device))?;
        transaction.decrement(&key::attached_count(project, &user_hash))?;
        write_history(&mut transaction, project, &user_hash, access)?;
        match transaction.commit().await {
            Ok(()) | Err(WriteError::Refused(Refusal::Gone)) => {}
            Err(error) => return Err(error),
        }
        Ok(self.count_attached(project, &user_hash).await?)
    }

    /// Reads how many devices a user has.
    async fn count_attached(&self, project: ProjectId, user_hash: &str) -> Result<u32, StoreError> {
        let key = key::attached_count(project, user_hash);
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
