//! The records that a transaction writes with a change: audit records and an idempotency record.

mod idempotency;

use model::{AuditRecord, EntityId};

use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

pub use idempotency::IdempotencyRecord;
pub(crate) use idempotency::{StoredResponse, idempotency_key};

/// The records that are written with a change.
#[derive(Debug)]
pub struct Change {
    /// The audit record.
    pub audit: AuditRecord,
    /// The entities whose audit logs get the record: the entity concerned and its ancestors.
    pub audited_entities: Vec<EntityId>,
    /// The response to repeat, if the request has an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
}

impl Change {
    /// Adds the records to `transaction`. The idempotency record comes first. So a repeated request fails with
    /// [`Refusal::Replayed`], and not with the [`Refusal::NameTaken`] that its own first attempt caused.
    pub(crate) fn write(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        if let Some(idempotency) = &self.idempotency {
            idempotency.write(transaction)?;
        }
        for &entity in &self.audited_entities {
            transaction.create(&key::audit_record(entity, self.audit.id), &self.audit, Refusal::Stale)?;
        }
        Ok(())
    }
}
