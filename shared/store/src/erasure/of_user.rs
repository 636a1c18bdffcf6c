//! Erases a user: the history, the refused calls, the devices, and the list entry.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use model::{Access, Erased, ProjectId, Timestamp};
use serde::Deserialize;

use crate::dynamodb::key::{self, ItemKey, List};
use crate::dynamodb::table::{Deletion, Item, from_item, number};
use crate::dynamodb::transaction::Transaction;
use crate::erasure::pass::{AT_ONCE, Pass, STEP, Stopped, attribute};
use crate::error::{StoreError, WriteError};
use crate::registry::refusals::RefusalPointer;
use crate::signed::Subject;

/// The attribute of a device, signed or not, that an erasure reads.
#[derive(Deserialize)]
struct StoredDevice {
    created_at: Timestamp,
}

impl Pass<'_> {
    /// Erases one user of a project that still exists. The last pass also removes the user from the list of users, unless
    /// later calls have stored something.
    pub(super) async fn user(
        &self,
        project: ProjectId,
        user_hash: &str,
        is_last: bool,
    ) -> Result<(), Stopped> {
        let entry_key = key::subject(project, "user", user_hash);
        let entry: Option<Subject> = self.table.read(&entry_key, STEP).await?;
        let is_all_erased = self.data_of_user(project, user_hash).await?;
        if let Some(entry) = entry.filter(|_| is_last && is_all_erased) {
            let updated_at = AttributeValue::S(entry.updated_at.to_string());
            self.delete_unchanged(&entry_key, ("updated_at", updated_at)).await?;
        }
        Ok(())
    }

    /// Deletes the history and the devices of a user. Returns whether nothing is left.
    pub(super) async fn data_of_user(&self, project: ProjectId, user_hash: &str) -> Result<bool, Stopped> {
        let [signed, unsigned] = [0, 1];
        let of_signed = self.history_of_user(project, user_hash, signed).await?;
        let of_unsigned = self.history_of_user(project, user_hash, unsigned).await?;
        let devices = self.devices(&key::attached_of_user(project, user_hash)).await?;
        let unsigned_devices = self.devices(&key::unsigned_of_user(project, user_hash)).await?;
        self.refusals(&key::refusals_of_user(project, user_hash)).await?;
        Ok(of_signed && of_unsigned && devices && unsigned_devices)
    }

    /// Deletes the notices that the pointers in `list` lead to, and then the pointers.
    pub(super) async fn refusals(&self, list: &List) -> Result<(), Stopped> {
        let mut after = None;
        loop {
            let (items, next) = self.page(list, after.as_deref()).await?;
            let (mut notices, mut pointers) = (Vec::new(), Vec::new());
            for item in items {
                let damaged = || StoreError::damaged(STEP)("a pointer without a notice");
                let pointer_key = ItemKey::of(&item).ok_or_else(damaged)?;
                let (_, notice) = pointer_key.sk.split_once('#').ok_or_else(damaged)?;
                let pointer: RefusalPointer = from_item(item, STEP)?;
                if self.job.includes(pointer.at) {
                    notices.push(key::notices(pointer.entity_id).item_at(notice));
                    pointers.push(pointer_key);
                }
            }
            self.delete_all(&notices).await?;
            self.delete_all(&pointers).await?;
            if next.is_none() {
                return Ok(());
            }
            after = next;
        }
    }

    /// Deletes the calls that name the user from the histories of their devices and identities, and then from the user's.
    /// `index` selects the histories of signed calls or those of unsigned ones.
    async fn history_of_user(
        &self,
        project: ProjectId,
        user_hash: &str,
        index: usize,
    ) -> Result<bool, Stopped> {
        let history = |kind: &str, id: &str| key::histories(project, kind, id).into_iter().nth(index);
        let Some(list) = history("user", user_hash) else { return Ok(true) };
        let (mut after, mut is_all_erased) = (None, true);
        loop {
            let (items, next) = self.page(&list, after.as_deref()).await?;
            let (mut copies, mut records) = (Vec::new(), Vec::new());
            for item in items {
                let access: Access = from_item(item, STEP)?;
                if !self.job.includes(access.at) {
                    is_all_erased = false;
                    continue;
                }
                let position = access.id.to_string();
                let device = access.device.and_then(|device| history("device", device.as_str()));
                let identity = access.identity.and_then(|identity| history("identity", identity.as_str()));
                copies.extend([device, identity].into_iter().flatten().map(|list| list.item_at(&position)));
                records.push(list.item_at(&position));
            }
            self.delete_all(&copies).await?;
            self.delete_all(&records).await?;
            if next.is_none() {
                return Ok(is_all_erased);
            }
            after = next;
        }
    }

    /// Deletes the devices in a partition, and then its other items if no device is left.
    async fn devices(&self, partition: &List) -> Result<bool, Stopped> {
        if matches!(self.job.erased, Erased::Project { .. }) {
            self.delete_list(partition).await?;
            return Ok(true);
        }
        let devices = List { prefix: "device#".to_owned(), ..partition.clone() };
        let (mut after, mut is_all_erased) = (None, true);
        loop {
            let (items, next) = self.page(&devices, after.as_deref()).await?;
            for part in items.chunks(AT_ONCE) {
                let deleted = try_join_all(part.iter().map(|item| self.device(partition, item))).await?;
                is_all_erased &= deleted.into_iter().all(|deleted| deleted);
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
        if is_all_erased {
            self.delete_unchanged(&partition.item_at("devices"), ("dependents", number(0))).await?;
            self.delete_all(&[partition.item_at("newest")]).await?;
        }
        Ok(is_all_erased)
    }

    /// Deletes a device that the job includes, and decrements the counter. Returns whether the device is gone.
    async fn device(&self, partition: &List, item: &Item) -> Result<bool, StoreError> {
        let device: StoredDevice = from_item(item.clone(), STEP)?;
        if !self.job.includes(device.created_at) {
            return Ok(false);
        }
        let device_key =
            ItemKey::of(item).ok_or_else(|| StoreError::damaged(STEP)("a device without a key"))?;
        let created_at = ("created_at", attribute(item, "created_at")?);
        if partition.pk.starts_with("attached#") {
            let mut transaction = Transaction::new(self.table, STEP);
            transaction.delete_matching(&device_key, created_at.clone())?;
            transaction.decrement(&partition.item_at("devices"))?;
            match transaction.commit().await {
                Ok(()) => {
                    self.count(Deletion::Deleted);
                    return Ok(true);
                }
                // The device is gone or another one, or it has no counter.
                Err(WriteError::Refused(_)) => {}
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        self.delete_unchanged(&device_key, created_at).await
    }
}
