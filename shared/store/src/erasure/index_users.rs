//! Lists the users of earlier versions, which wrote no list, so that an erasure finds them (S12).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use model::{Actor, Erased, ErasureJob, ProjectId, Timestamp, Via};
use serde::Deserialize;

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, Table, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};

const STEP: &str = "index users";

/// What [`Table::index_users`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedUsers {
    /// How many users with devices are listed now. Some may have been listed before.
    pub users: u64,
    /// Of how many projects, deleted by an earlier version, the erasure was requested.
    pub deleted_projects: u64,
}

/// What is read of a device.
#[derive(Deserialize)]
struct StoredDevice {
    user: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A user with devices: the project, and the hash of the user's id.
type Owner = (ProjectId, String);

impl Table {
    /// Reads the whole table and adds each user with signed devices to the list of users of the project. Requests the erasure
    /// of projects that no longer exist. Can be repeated, and while functions run. Only the operator may scan.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn index_users(&self, now: Timestamp) -> Result<IndexedUsers, StoreError> {
        let (mut users, mut projects) = (BTreeSet::new(), BTreeMap::new());
        let mut start = None;
        loop {
            let (items, next) = self.scan_devices(start).await?;
            for item in items {
                let Some(owner) = owner(&item) else { continue };
                let exists = match projects.get(&owner.0.to_string()) {
                    Some(exists) => *exists,
                    None => self.check_project(owner.0, now).await?,
                };
                projects.insert(owner.0.to_string(), exists);
                if self.list_owner(&owner, &item).await? {
                    users.insert((owner.0.to_string(), owner.1));
                }
            }
            start = next;
            if start.is_none() {
                let deleted = projects.values().filter(|&&exists| !exists).count();
                return Ok(IndexedUsers { users: users.len() as u64, deleted_projects: deleted as u64 });
            }
        }
    }

    /// Reads a page of the signed devices. Returns the key to go on after.
    async fn scan_devices(&self, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = self.client.scan().table_name(&self.name).set_exclusive_start_key(start);
        let request = request
            .filter_expression("begins_with(pk, :pk) AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text("attached#"))
            .expression_attribute_values(":sk", text("device#"));
        let output = request.send().await.map_err(StoreError::failed(STEP))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key))
    }

    /// Returns whether the project exists. If not, an earlier version deleted it, and its erasure is requested.
    async fn check_project(&self, project: ProjectId, now: Timestamp) -> Result<bool, StoreError> {
        let found: Option<HashMap<String, serde::de::IgnoredAny>> =
            self.read(&key::project(project), STEP).await?;
        if found.is_some() {
            return Ok(true);
        }
        let erased = Erased::Project { project_id: project };
        let actor = Actor { client_id: None, via: Via::Operator };
        let key = key::erasure_job(&erased);
        let job =
            ErasureJob { erased, entity_id: None, owners: Vec::new(), actor, requested_at: now, items: 0 };
        self.create(&key, &job, STEP).await?;
        Ok(false)
    }

    /// Writes the list entry of a device's user, unless the device is gone since it was read. The entry has no end, because the
    /// device has none. An entry that exists keeps its times. Returns whether it is written.
    async fn list_owner(&self, (project, hash): &Owner, item: &Item) -> Result<bool, StoreError> {
        let damaged = || StoreError::damaged(STEP)("a device without a key");
        let device_key = ItemKey::of(item).ok_or_else(damaged)?;
        let device: StoredDevice = from_item(item.clone(), STEP)?;
        let mut transaction = Transaction::new(self, STEP);
        transaction.require_exists(&device_key)?;
        let (entry, times) = (key::subject(*project, "user", hash), (device.created_at, device.updated_at));
        transaction.list_with_times(&entry, &device.user, times)?;
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

/// The project and the hash of the user in the key of a device: `attached#<project>#<hash of user>`.
fn owner(item: &Item) -> Option<Owner> {
    let key = ItemKey::of(item)?;
    let (project, hash) = key.pk.strip_prefix("attached#")?.split_once('#')?;
    Some((project.parse().ok()?, hash.to_owned()))
}
