//! The configuration, as the Admin API reads and changes it: one file per kind of item.

mod api_keys;
pub(crate) mod apis;
mod audit_log;
mod dependents;
mod entities;
mod idempotency;
mod integrations;
mod lists;
mod notices;
mod partner_keys;
mod partners;
pub(crate) mod projects;
mod providers;
pub(crate) mod refusals;
pub(crate) mod revocations;
pub(crate) mod secret_digests;
pub(crate) mod sites;
mod token_sets;
mod users;

use std::sync::Arc;

use crypto::DataKeys;
use model::{AuditAddressDays, Timestamp};

use crate::change::Change;
use crate::deployment::DeploymentKeys;
use crate::dynamodb::key::NameKeys;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::dynamodb::transaction::name::NameClaim;
use crate::error::StoreError;
use crate::signed::Devices;

pub use api_keys::ApiKeyRotation;
pub use apis::ApiOwner;
pub use audit_log::{AuditEntry, AuditFilter, AuditPage, TimeRange};
pub use idempotency::Replay;
pub use projects::ProjectOwner;
pub use revocations::RevocationRecord;
pub use sites::SiteOwner;

/// The configuration: consistent reads, and changes in transactions.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) table: Table,
    pub(crate) keys: Arc<DeploymentKeys>,
    pub(crate) address_days: AuditAddressDays,
}

impl Registry {
    /// The configuration in `table`.
    #[must_use]
    pub fn new(table: Table, keys: Arc<DeploymentKeys>) -> Self {
        Self { table, keys, address_days: AuditAddressDays::default() }
    }

    /// The same, with another time for which source addresses of audit records are kept.
    #[must_use]
    pub fn keeping_addresses(self, address_days: AuditAddressDays) -> Self {
        Self { address_days, ..self }
    }

    /// The data keys, which seal secrets in the table.
    #[must_use]
    pub fn data_keys(&self) -> Arc<DataKeys> {
        self.keys.data_keys()
    }

    /// The devices and the history of the projects' users.
    #[must_use]
    pub fn devices(&self) -> Devices {
        Devices::new(self.table.clone(), Arc::clone(&self.keys))
    }

    /// Reads the list of data keys again if it is older than a minute, so that a rotation of the data key knows when no
    /// function seals with the old one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refresh_data_keys(&self, now: Timestamp) -> Result<(), StoreError> {
        self.keys.refresh_if_old(now).await
    }

    /// The claims on a name as they are stored. They can be fewer than those of a new name.
    pub(crate) async fn stored_name(&self, name: NameKeys) -> Result<NameKeys, StoreError> {
        let stored: Option<NameClaim> = self.table.read(&name.name, "read claim on a name").await?;
        Ok(match stored {
            Some(claim) => claim.keys(name.name),
            None => NameKeys { looks: Vec::new(), ..name },
        })
    }

    /// Starts a transaction with the records of `change`.
    pub(crate) fn begin(&self, step: &'static str, change: &Change) -> Result<Transaction<'_>, StoreError> {
        let mut transaction = Transaction::new(&self.table, step);
        change.write(&mut transaction, self)?;
        Ok(transaction)
    }
}
