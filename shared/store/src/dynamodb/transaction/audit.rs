//! The audit record of a transaction. It is chained when the transaction is sent, because only then the head of the chain
//! is read (A13).

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use model::{AuditRecord, ChainHead};

use crate::change::AuditReceipt;
use crate::dynamodb::key;
use crate::dynamodb::table::{NOT_EXISTS, number};
use crate::dynamodb::transaction::{Transaction, Write};
use crate::error::{Refusal, StoreError};

/// The audit record that a transaction stores.
#[derive(Debug)]
pub(super) struct PendingRecord {
    record: AuditRecord,
    receipt: AuditReceipt,
}

impl Transaction<'_> {
    /// Stores `record` with the other writes, as the next record of its chain: for its entity and each ancestor.
    pub(crate) fn record(&mut self, record: AuditRecord, receipt: AuditReceipt) {
        self.record = Some(PendingRecord { record, receipt });
    }

    /// Reads the head of the chain, and returns the writes of the record and the head after it. The last write moves the
    /// head, on condition that it is as it was read.
    pub(super) async fn chain_writes(
        &self,
        pending: &PendingRecord,
    ) -> Result<(Vec<Write>, ChainHead), StoreError> {
        let entity = pending.record.entity_id;
        let head_key = key::chain_head(entity);
        let before: Option<ChainHead> = self.table.read(&head_key, "read head of audit chain").await?;
        let (chained, after) =
            pending.record.clone().chained(before.as_ref()).map_err(StoreError::damaged(self.step))?;
        let mut writes = Vec::new();
        for entity in chained.entities() {
            let put = Put::builder().condition_expression(NOT_EXISTS);
            writes.push(self.put_write(
                &key::audit_record(entity, chained.id),
                &chained,
                put,
                Refusal::Stale,
            )?);
        }
        let put = match &before {
            None => Put::builder().condition_expression(NOT_EXISTS),
            Some(head) => Put::builder()
                .condition_expression("#sequence = :sequence AND #hash = :hash")
                .expression_attribute_names("#sequence", "sequence")
                .expression_attribute_names("#hash", "hash")
                .expression_attribute_values(":sequence", number(head.sequence))
                .expression_attribute_values(":hash", AttributeValue::S(head.hash.clone())),
        };
        writes.push(self.put_write(&head_key, &after, put, Refusal::Stale)?);
        Ok((writes, after))
    }
}

impl PendingRecord {
    /// Notes that the record is stored, with `head` after it.
    pub(super) fn stored(&self, head: ChainHead) {
        self.receipt.note(self.record.entity_id, head);
    }
}
