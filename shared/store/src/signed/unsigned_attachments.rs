//! Attaching devices to users with unsigned calls (S11). Anyone can make such calls, so their devices are stored apart from
//! those of signed calls, and each of them expires. An unsigned attach does not read signed devices, so its answer
//! reveals nothing about them.

use std::ops::ControlFlow;

use model::{
    Access, DeviceId, DeviceReport, Project, ProjectId, Timestamp, UNSIGNED_DEVICES_PER_USER, UnsignedDevice,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{AttachError, Refusal, StoreError, WriteError};
use crate::signed::attachments::{ATTEMPTS, ReportedAttributes};
use crate::signed::devices::Devices;
use crate::signed::write_history::write_history;

/// The unsigned devices of a user.
#[derive(Default)]
pub(super) struct UnsignedDevices {
    /// The devices that still exist, ordered by id.
    pub(super) live: Vec<UnsignedDevice>,
    newest: Option<Newest>,
}

/// The call that added the newest device of a user. Every call that adds one replaces this item, on condition that it is
/// as it was read. So concurrent calls cannot add more devices than the limit allows.
#[derive(Serialize, Deserialize)]
struct Newest {
    access: Uuid,
    expires_at: i64,
}

/// The attributes of a known unsigned device that a report updates.
#[derive(Serialize)]
struct UpdatedAttributes<'a> {
    #[serde(flatten)]
    reported: ReportedAttributes<'a>,
    expires_at: i64,
    listed_until: i64,
}

impl UnsignedDevices {
    fn find(&self, id: &DeviceId) -> Option<&UnsignedDevice> {
        self.live.iter().find(|unsigned| unsigned.device.id == *id)
    }

    /// Until when the user is listed; 0 if the user has no device.
    fn listed_until(&self) -> i64 {
        self.live.iter().map(|unsigned| unsigned.listed_until).max().unwrap_or(0)
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.live.len()).unwrap_or(u32::MAX)
    }
}

impl Devices {
    /// Attaches a device with an unsigned call. Returns how many unsigned devices the user has. An expired device that TTL
    /// has not deleted yet counts as deleted.
    pub(super) async fn attach_unsigned(
        &self,
        project: &Project,
        report: &DeviceReport,
        access: &Access,
    ) -> Result<u32, AttachError> {
        let user_hash = self.hash(project.id, report.user.as_str());
        for _ in 0..ATTEMPTS {
            let devices = self.read_unsigned(project.id, &user_hash, access.at).await?;
            let written = match devices.find(&report.id) {
                None => self.add_unsigned(project, (&user_hash, &devices), report, access).await.map(|()| 1),
                Some(stored) => {
                    self.update_unsigned(project, (&user_hash, stored), report, access).await.map(|()| 0)
                }
            };
            match written {
                Err(AttachError::Write(WriteError::Refused(Refusal::Gone | Refusal::Stale))) => {}
                Err(error) => return Err(error),
                Ok(added) => return Ok(devices.count().saturating_add(added)),
            }
        }
        Err(Refusal::Stale.into())
    }

    /// Reads the unsigned devices of a user that exist at the time `now`.
    pub(super) async fn read_unsigned(
        &self,
        project: ProjectId,
        user_hash: &str,
        now: Timestamp,
    ) -> Result<UnsignedDevices, StoreError> {
        const STEP: &str = "read unsigned devices";
        let newest_key = key::newest_unsigned(project, user_hash);
        let mut devices = UnsignedDevices::default();
        let add = |item: Item| {
            if ItemKey::of(&item).as_ref() == Some(&newest_key) {
                devices.newest = Some(from_item(item, STEP)?);
            } else {
                devices.live.push(from_item(item, STEP)?);
            }
            Ok(ControlFlow::Continue(()))
        };
        self.table.for_each(&key::unsigned_of_user(project, user_hash), STEP, add).await?;
        devices.live.retain(|unsigned| unsigned.is_live(now));
        Ok(devices)
    }

    /// Adds a device. Fails with [`Refusal::Stale`] if another call added one after `devices` were read.
    async fn add_unsigned(
        &self,
        project: &Project,
        (user_hash, devices): (&str, &UnsignedDevices),
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), AttachError> {
        if devices.live.len() >= UNSIGNED_DEVICES_PER_USER {
            return Err(Refusal::LimitReached.into());
        }
        let device = report.new_device(access.at);
        report.check_size(None, &device)?;
        let expires_at = project.unsigned_device_days.expires_at(access.at);
        let listed_until =
            self.list_user_of_unsigned(project, report, access, devices.listed_until()).await?;
        let unsigned = UnsignedDevice { device, expires_at, listed_until };
        let mut transaction = Transaction::new(&self.table, "attach new unsigned device");
        transaction.put(&key::unsigned_device(project.id, user_hash, &report.id), &unsigned)?;
        let read = devices.newest.as_ref().map(|newest| newest.access.to_string());
        let newest = Newest { access: access.id, expires_at };
        let newest_key = key::newest_unsigned(project.id, user_hash);
        transaction.replace_if(&newest_key, &newest, "access", read.as_deref())?;
        write_history(&mut transaction, project.id, user_hash, access)?;
        Ok(transaction.commit().await?)
    }

    /// Updates a known device if the call reports something new, or the device was not updated for 24 hours. Fails with
    /// [`Refusal::Gone`] if the device was deleted after it was read.
    async fn update_unsigned(
        &self,
        project: &Project,
        (user_hash, stored): (&str, &UnsignedDevice),
        report: &DeviceReport,
        access: &Access,
    ) -> Result<(), AttachError> {
        if !report.must_update(&stored.device, access.at) && access.expires_at <= stored.listed_until {
            return Ok(self.record(project.id, user_hash, access).await?);
        }
        let new = report.updated(&stored.device, access.at);
        report.check_size(Some(&stored.device), &new)?;
        let attributes = UpdatedAttributes {
            reported: ReportedAttributes::of(report, access.at),
            expires_at: project.unsigned_device_days.expires_at(access.at),
            listed_until: self.list_user_of_unsigned(project, report, access, stored.listed_until).await?,
        };
        let mut transaction = Transaction::new(&self.table, "update unsigned device");
        transaction.update_existing(&key::unsigned_device(project.id, user_hash, &report.id), &attributes)?;
        write_history(&mut transaction, project.id, user_hash, access)?;
        Ok(transaction.commit().await?)
    }

    /// Makes the list entry of the user exist until the device and the history of the call have expired. `listed_until` is
    /// the end that it has now. Returns the end that it has afterwards.
    async fn list_user_of_unsigned(
        &self,
        project: &Project,
        report: &DeviceReport,
        access: &Access,
        listed_until: i64,
    ) -> Result<i64, StoreError> {
        let end = access.expires_at.max(project.unsigned_device_days.expires_at(access.at));
        if end <= listed_until {
            return Ok(listed_until);
        }
        self.list_until(&[self.user_entry(project.id, &report.user)], end, access.at).await
    }
}
