//! What a transaction contains besides the change itself: conditions on the caller, an audit record and an idempotency
//! record.

mod caller;
mod idempotency;
mod receipt;

use model::{AuditAddressDays, AuditRecord, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};
use crate::registry::Registry;

pub(crate) use caller::CallerItem;
pub use caller::CallerItems;
pub use idempotency::IdempotencyRecord;
pub(crate) use idempotency::{StoredResponse, idempotency_key};
pub use receipt::AuditReceipt;

/// The conditions and the records of a change.
#[derive(Debug)]
pub struct Change {
    /// What the rights of the caller depend on. The change fails with [`Refusal::CallerChanged`] if it is not as it was
    /// read.
    pub caller: CallerItems,
    /// The audit record, which is stored for the entity concerned and its ancestors.
    pub audit: AuditRecord,
    /// The response to repeat, if the request has an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
    /// Where the place of the audit record in its chain is noted when it is stored.
    pub receipt: AuditReceipt,
}

/// The source address of an audit record. TTL deletes it; the record keeps only its hash.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditAddress {
    pub(crate) source_ip: String,
    pub(crate) expires_at: i64,
}

impl Change {
    /// A change by `caller` with this audit record, without an idempotency key.
    #[must_use]
    pub fn new(caller: CallerItems, audit: AuditRecord) -> Self {
        Self { caller, audit, idempotency: None, receipt: AuditReceipt::default() }
    }

    /// Adds the conditions and the records to `transaction`. The idempotency record comes before all other writes. So a
    /// repeated request fails with [`Refusal::Replayed`], and not with the [`Refusal::NameTaken`] that its own first attempt
    /// caused. But a caller that has changed gets no stored response, which may contain a secret.
    pub(crate) fn write(
        &self,
        transaction: &mut Transaction<'_>,
        registry: &Registry,
    ) -> Result<(), StoreError> {
        transaction.require_caller(&self.caller);
        if let Some(idempotency) = &self.idempotency {
            idempotency.write(transaction)?;
        }
        let mut record = self.audit.clone();
        if let Some(source_ip) = record.source_ip.take() {
            let parts = [&*record.customer().to_string(), &source_ip];
            record.source_ip_hash = Some(registry.keys.hash_key().keyed_hash("audit address", &parts));
            let address = AuditAddress::new(source_ip, &record, registry.address_days);
            let key = key::audit_address(record.entity_id, record.id);
            transaction.create(&key, &address, Refusal::Stale)?;
        }
        transaction.record(record, self.receipt.clone());
        Ok(())
    }
}

impl AuditAddress {
    fn new(source_ip: String, record: &AuditRecord, days: AuditAddressDays) -> Self {
        Self { source_ip, expires_at: days.expires_at(record.at.into()) }
    }

    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.as_second()
    }
}
