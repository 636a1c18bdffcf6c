//! The ids of users, devices and identities.

use std::sync::Arc;

use model::{ClientId, DeviceId, Identity, ProjectId, Signals, UserId};

use crate::deployment::DeploymentKeys;
use crate::dynamodb::table::Table;
use crate::error::StoreError;

/// The devices of the users of all projects, and the history of their calls.
#[derive(Debug, Clone)]
pub struct Devices {
    pub(crate) table: Table,
    pub(crate) keys: Arc<DeploymentKeys>,
}

impl Devices {
    /// The devices in `table`.
    #[must_use]
    pub fn new(table: Table, keys: Arc<DeploymentKeys>) -> Self {
        Self { table, keys }
    }

    /// Returns a keyed hash of the id of a user of `project`. Keys contain the hash, because the id may be too long for a
    /// key and must not be visible.
    #[must_use]
    pub fn hash(&self, project: ProjectId, user: &str) -> String {
        self.keys.hash_key().keyed_hash("window S user", &[&project.to_string(), user])
    }

    /// Returns a keyed hash of a source address, for one project.
    #[must_use]
    pub fn hash_source(&self, project: ProjectId, address: &str) -> String {
        self.keys.hash_key().keyed_hash("window S source", &[&project.to_string(), address])
    }

    /// Returns the id of the device of `user` with these signals. The same signals give the same id (S5).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the hash is not an id, which does not happen.
    pub fn device_id_for_signals(
        &self,
        project: ProjectId,
        user: &UserId,
        signals: &Signals,
    ) -> Result<DeviceId, StoreError> {
        let project_id = project.to_string();
        let parts = [&[project_id.as_str(), user.as_str()], &*signals.parts()].concat();
        let id = self.keys.hash_key().keyed_hash("window S device", &parts);
        DeviceId::try_from(id).map_err(StoreError::damaged("derive device id"))
    }

    /// Makes a random device id.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_device_id(&self) -> Result<DeviceId, StoreError> {
        let id = ClientId::generate().map_err(StoreError::damaged("make device id"))?;
        DeviceId::try_from(String::from(id)).map_err(StoreError::damaged("make device id"))
    }

    /// Makes a random identity.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no randomness.
    pub fn new_identity(&self) -> Result<Identity, StoreError> {
        let id = ClientId::generate().map_err(StoreError::damaged("make identity"))?;
        Identity::try_from(String::from(id)).map_err(StoreError::damaged("make identity"))
    }

    /// Returns the identity of a device of `project` with these marks. The same marks give the same identity, and
    /// nobody can compute it without the hash key (S6).
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the hash is not an identity, which does not happen.
    pub fn identity(&self, project: ProjectId, kind: &str, marks: &[&str]) -> Result<Identity, StoreError> {
        let project_id = project.to_string();
        let parts = [&[project_id.as_str(), kind], marks].concat();
        let identity = self.keys.hash_key().keyed_hash("window S identity", &parts);
        Identity::try_from(identity).map_err(StoreError::damaged("derive identity"))
    }
}
