//! What a transaction contains besides the change itself: conditions on the caller, audit records and an idempotency
//! record.

mod caller;
mod idempotency;

use model::{AuditRecord, EntityId};

use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

pub use caller::CallerVersions;
pub use idempotency::IdempotencyRecord;
pub(crate) use idempotency::{StoredResponse, idempotency_key};

/// The conditions and the records of a change.
#[derive(Debug)]
pub struct Change {
    /// What the rights of the caller depend on. The change fails with [`Refusal::CallerChanged`] if it is not as it was
    /// read.
    pub caller: CallerVersions,
    /// The audit record.
    pub audit: AuditRecord,
    /// The entities whose audit logs get the record: the entity concerned and its ancestors.
    pub audited_entities: Vec<EntityId>,
    /// The response to repeat, if the request has an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
}

impl Change {
    /// Adds the conditions and the records to `transaction`. The idempotency record comes before all other writes. So a
    /// repeated request fails with [`Refusal::Replayed`], and not with the [`Refusal::NameTaken`] that its own first attempt
    /// caused. But a caller that has changed gets no stored response, which may contain a secret.
    pub(crate) fn write(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        transaction.require_caller(&self.caller);
        if let Some(idempotency) = &self.idempotency {
            idempotency.write(transaction)?;
        }
        for &entity in &self.audited_entities {
            transaction.create(&key::audit_record(entity, self.audit.id), &self.audit, Refusal::Stale)?;
        }
        Ok(())
    }
}
