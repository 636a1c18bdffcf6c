//! Attaching devices to users with signed calls (S5). The change and its history are written in one transaction.

use model::{
    Access, AttachedDevice, DEVICES_PER_USER, DeviceId, DeviceInfo, DeviceMetadata, DeviceReport, Identity,
    Project, ProjectId, Signals, Timestamp,
};
use serde::Serialize;

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::from_item;
use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::counter::Counter;
use crate::error::{AttachError, Refusal, StoreError, WriteError};
use crate::signed::devices::Devices;
use crate::signed::write_history::write_history;

/// The attributes of a known device that a report updates.
#[derive(Serialize)]
pub(super) struct ReportedAttributes<'a> {
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

impl<'a> ReportedAttributes<'a> {
    pub(super) fn of(report: &'a DeviceReport, now: Timestamp) -> Self {
        Self {
            updated_at: now,
            identity: report.identity.as_ref(),
            info: report.info.as_ref(),
            metadata: report.metadata.as_ref(),
            signals: report.signals.as_ref(),
        }
    }
}

/// How often an attach is tried while concurrent calls attach and detach the same device.
pub(super) const ATTEMPTS: u32 = 6;

/// What is stored when an attach begins.
#[derive(Default)]
struct Stored {
    /// The device of the call, if it is attached.
    device: Option<AttachedDevice>,
    /// How many devices the user has.
    count: u32,
}

impl Devices {
    /// Attaches a device to its user, and writes `access` to the history. Returns how many devices the user has that were
    /// attached in the same way: by signed calls, or by unsigned ones.
    ///
    /// # Errors
    /// [`AttachError::TooLarge`], [`Refusal::LimitReached`], or [`StoreError`].
    pub async fn attach(
        &self,
        project: &Project,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<u32, AttachError> {
        match access.unsigned {
            None => self.attach_signed(project, report, access).await,
            Some(_) => self.attach_unsigned(project, report, access).await,
        }
    }

    /// The device is read first, so that a known device that reports nothing new costs no write, and a new device no
    /// failed one. If another call attaches or detaches the device after the read, the write fails and the attach is tried
    /// again. An attach that writes nothing to the device takes effect at the read.
    async fn attach_signed(
        &self,
        project: &Project,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<u32, AttachError> {
        let user_hash = self.hash(project.id, report.user.as_str());
        for _ in 0..ATTEMPTS {
            let stored = self.read_stored(project.id, &user_hash, &report.id).await?;
            let written = match &stored.device {
                None => self.attach_new(project, &user_hash, report, access).await,
                Some(device) if report.must_update(device, access.at) => {
                    self.update_attached(project.id, (&user_hash, device), report, access).await
                }
                Some(_) => self.record(project.id, &user_hash, access).await.map_err(AttachError::from),
            };
            match written {
                Err(AttachError::Write(WriteError::Refused(Refusal::Gone | Refusal::Stale))) => {}
                Err(error) => return Err(error),
                // The two items are not read at the same instant, but a device that is attached counts.
                Ok(()) if stored.device.is_some() => return Ok(stored.count.max(1)),
                Ok(()) => return Ok(self.count_attached(project.id, &user_hash).await?),
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
        (user_hash, stored): (&str, &AttachedDevice),
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), AttachError> {
        report.check_size(Some(stored), &report.updated(stored, access.at))?;
        let mut transaction = Transaction::new(&self.table, "update attached device");
        let attributes = ReportedAttributes::of(report, access.at);
        transaction.update_existing(&key::attached_device(project, user_hash, &report.id), &attributes)?;
        if stored.is_update_due(access.at) {
            self.list_user_without_end(&mut transaction, project, &report.user, access.at)?;
        }
        write_history(&mut transaction, project, user_hash, access)?;
        Ok(transaction.commit().await?)
    }

    /// Fails with [`Refusal::Stale`] if the device is attached. If an unsigned call attached it, the new device replaces
    /// that one. A project that requires signing skips this write: it gets no new unsigned devices, and the old ones
    /// expire.
    async fn attach_new(
        &self,
        project: &Project,
        user_hash: &str,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), AttachError> {
        let device = report.new_device(access.at);
        report.check_size(None, &device)?;
        let mut transaction = Transaction::new(&self.table, "attach new device");
        let key = key::attached_device(project.id, user_hash, &report.id);
        transaction.create(&key, &device, Refusal::Stale)?;
        if !project.require_signed_tokens {
            transaction.delete(&key::unsigned_device(project.id, user_hash, &report.id))?;
        }
        transaction
            .increment_or_create_below(&key::attached_count(project.id, user_hash), DEVICES_PER_USER)?;
        self.list_user_without_end(&mut transaction, project.id, &report.user, access.at)?;
        write_history(&mut transaction, project.id, user_hash, access)?;
        Ok(transaction.commit().await?)
    }

    /// Reads how many devices a user has that signed calls attached.
    pub(super) async fn count_attached(
        &self,
        project: ProjectId,
        user_hash: &str,
    ) -> Result<u32, StoreError> {
        let key = key::attached_count(project, user_hash);
        let counter: Option<Counter> = self.table.read(&key, "count attached devices").await?;
        Ok(counter.map_or(0, |counter| counter.dependents))
    }
}
