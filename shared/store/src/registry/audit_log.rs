//! The audit log. Each record is stored for the entity concerned and for each of its ancestors, so one query reads the
//! log of an entity and everything below it, in order.

use model::{AuditRecord, EntityId, Timestamp};
use serde::Serialize;

use crate::change::Change;
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key;
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{ListError, Refusal, WriteError};
use crate::registry::Registry;

/// A record that TTL deletes.
#[derive(Serialize)]
struct TemporaryRecord<'a> {
    #[serde(flatten)]
    record: &'a AuditRecord,
    expires_at: i64,
}

impl Registry {
    /// Reads one page of the audit log of `entity` and everything below it, newest first. A page may hold fewer records
    /// than `limit`, because expired records are left out.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn audit_log(
        &self,
        entity: EntityId,
        cursor: Option<&Cursor>,
        limit: PageLimit,
        now: Timestamp,
    ) -> Result<Page<AuditRecord>, ListError> {
        const STEP: &str = "read audit log";
        let mut page = self.item_page(&key::audit_log(entity), cursor, limit, STEP).await?;
        page.items.retain(|item| !is_expired(item, now));
        Ok(page.try_map(|item| from_item(item, STEP))?)
    }

    /// Writes the records of `change` alone: for an action that stores nothing else, such as showing a secret.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn write_audit_record(&self, change: &Change) -> Result<(), WriteError> {
        self.begin("write audit record", change)?.commit().await
    }

    /// Writes `record` to the log of its entity, but not of the ancestors, and only until `end` (Unix seconds): for
    /// events that anyone can cause.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn write_temporary_audit_record(
        &self,
        record: &AuditRecord,
        end: i64,
    ) -> Result<(), WriteError> {
        let mut transaction = Transaction::new(&self.table, "write temporary audit record");
        let key = key::audit_record(record.entity_id, record.id);
        transaction.create(&key, &TemporaryRecord { record, expires_at: end }, Refusal::Stale)?;
        transaction.commit().await
    }
}

fn is_expired(item: &Item, now: Timestamp) -> bool {
    let end = item.get("expires_at").and_then(|end| end.as_n().ok()?.parse::<i64>().ok());
    end.is_some_and(|end| end <= now.as_second())
}
