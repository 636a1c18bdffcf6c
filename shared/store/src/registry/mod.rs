//! The Admin API's side of the table, one file per kind of item.

mod api_keys;
mod audit;
mod entities;
mod idempotency;
mod integrations;
mod partner_keys;
mod partners;
pub(crate) mod projects;
mod providers;
pub(crate) mod revocations;
pub(crate) mod sites;
mod token_sets;

use std::sync::Arc;

use crypto::DataKey;
use model::{AuditRecord, EntityId};

use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{StoreError, WriteError};

pub use idempotency::{IdempotencyRecord, Replay};
pub use projects::ProjectOwner;
pub use sites::SiteOwner;

/// Configuration: read as it is now, changed by transactions.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) table: Table,
    pub(crate) data_key: Arc<DataKey>,
}

/// What goes with every change: its audit record, and what to remember for a repeated request.
#[derive(Debug)]
pub struct Change {
    /// The record.
    pub audit: AuditRecord,
    /// The entity concerned and its ancestors: whose audit logs it appears in.
    pub audited_entities: Vec<EntityId>,
    /// The answer to give again, for requests with an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
}

impl Registry {
    /// The configuration in `table`.
    #[must_use]
    pub fn new(table: Table, data_key: Arc<DataKey>) -> Self {
        Self { table, data_key }
    }

    /// The data key, for sealing what goes into the table.
    #[must_use]
    pub fn data_key(&self) -> &DataKey {
        &self.data_key
    }

    /// Writes what goes with `change`, which changes nothing: someone was shown a secret.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_audit_record(&self, change: &Change) -> Result<(), WriteError> {
        self.begin("write audit record", change)?.commit().await
    }

    /// A transaction that begins with what goes with `change`. The idempotency record comes first: a repeated
    /// request is told so before it is told that a name is taken.
    pub(crate) fn begin(&self, what: &'static str, change: &Change) -> Result<Transaction<'_>, StoreError> {
        let mut transaction = Transaction::new(&self.table, what);
        if let Some(remembered) = &change.idempotency {
            remembered.write(&mut transaction)?;
        }
        audit::write(&mut transaction, change)?;
        Ok(transaction)
    }
}
