//! Detaching devices from users (S7). The change and its history are written in one transaction.

use model::{Access, DeviceId, ProjectId, UserId};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::signed::attachments::ATTEMPTS;
use crate::signed::devices::Devices;
use crate::signed::write_history::write_history;

/// How a device is attached: by a signed call, by an unsigned one, by both, or not.
#[derive(Default)]
struct Attached {
    signed: bool,
    unsigned: bool,
}

impl Devices {
    /// Detaches a device from its user, whether a signed or an unsigned call attached it, and writes `access` to the
    /// history. Writes nothing if the device is not attached. Returns how many devices the user has, as
    /// [`attach`](Self::attach) does.
    ///
    /// # Errors
    /// [`StoreError`], or [`Refusal::Stale`] if other calls attach and detach the device all the time.
    pub async fn detach(
        &self,
        project: ProjectId,
        (user, device): (&UserId, &DeviceId),
        access: &Access,
    ) -> Result<u32, WriteError> {
        let user_hash = self.hash(project, user.as_str());
        for _ in 0..ATTEMPTS {
            let attached = self.read_attached(project, &user_hash, device).await?;
            if !attached.signed && !attached.unsigned {
                return Ok(self.count(project, &user_hash, access).await?);
            }
            match self.delete_attached(project, (user, &user_hash, device), &attached, access).await {
                Err(WriteError::Refused(Refusal::Gone)) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(self.count(project, &user_hash, access).await?),
            }
        }
        Err(Refusal::Stale.into())
    }

    /// Reads how many devices the user has that signed calls attached, or unsigned ones: as the caller is.
    async fn count(&self, project: ProjectId, user_hash: &str, access: &Access) -> Result<u32, StoreError> {
        match access.unsigned {
            None => self.count_attached(project, user_hash).await,
            Some(_) => Ok(self.read_unsigned(project, user_hash, access.at).await?.count()),
        }
    }

    async fn read_attached(
        &self,
        project: ProjectId,
        user_hash: &str,
        device: &DeviceId,
    ) -> Result<Attached, StoreError> {
        let signed = key::attached_device(project, user_hash, device);
        let unsigned = key::unsigned_device(project, user_hash, device);
        let mut attached = Attached::default();
        for item in self.table.read_many([&signed, &unsigned], "read device to detach").await? {
            match ItemKey::of(&item) {
                Some(key) if key == signed => attached.signed = true,
                _ => attached.unsigned = true,
            }
        }
        Ok(attached)
    }

    /// Fails with [`Refusal::Gone`] if the device is no longer attached.
    async fn delete_attached(
        &self,
        project: ProjectId,
        (user, user_hash, device): (&UserId, &str, &DeviceId),
        attached: &Attached,
        access: &Access,
    ) -> Result<(), WriteError> {
        let mut transaction = Transaction::new(&self.table, "detach device");
        if attached.signed {
            transaction.delete_existing(&key::attached_device(project, user_hash, device))?;
            transaction.decrement(&key::attached_count(project, user_hash))?;
        }
        if attached.unsigned {
            transaction.delete_existing(&key::unsigned_device(project, user_hash, device))?;
        }
        match access.unsigned {
            None => self.list_user_without_end(&mut transaction, project, user, access.at)?,
            Some(_) => {
                self.list_until(&[self.user_entry(project, user)], access.expires_at, access.at).await?;
            }
        }
        write_history(&mut transaction, project, user_hash, access)?;
        transaction.commit().await
    }
}
