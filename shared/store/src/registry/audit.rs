//! The audit log: each record once for the entity concerned and once for each ancestor, so that the log of an
//! entity and everything below it is one query, in order.

use model::{AuditRecord, EntityId, Timestamp};
use serde::Serialize;

use crate::dynamodb::key;
use crate::dynamodb::page::{Cursor, List, Page, PageLimit};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};
use crate::registry::{Change, Registry};

/// A record that is not kept for ever.
#[derive(Serialize)]
struct Passing<'a> {
    #[serde(flatten)]
    record: &'a AuditRecord,
    expires_at: i64,
}

impl Registry {
    /// What happened to `entity` and everything below it, newest first. A page may hold fewer than `limit`: records that
    /// have ended are left out, whether TTL has deleted them or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_log(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
        now: Timestamp,
    ) -> Result<Page<AuditRecord>, StoreError> {
        const WHAT: &str = "read audit log";
        let list = List { pk: key::audit_of(entity), prefix: String::new(), newest_first: true };
        let mut page = self.table.page(&list, from, limit, WHAT).await?;
        page.items.retain(|item| !has_ended(item, now));
        page.try_map(|item| from_item(item, WHAT))
    }

    /// Writes `record` into the log of its entity alone, until `end`, in Unix seconds: for what anyone may bring about.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn write_temporary_audit_record(
        &self,
        record: &AuditRecord,
        end: i64,
    ) -> Result<(), WriteError> {
        let mut transaction = Transaction::new(&self.table, "write passing audit record");
        let at = key::audit(record.entity_id, record.id);
        transaction.create(&at, &Passing { record, expires_at: end }, Refusal::Stale)?;
        transaction.commit().await
    }
}

pub(crate) fn write(transaction: &mut Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    for &entity in &change.audited_entities {
        transaction.create(&key::audit(entity, change.audit.id), &change.audit, Refusal::Stale)?;
    }
    Ok(())
}

fn has_ended(item: &Item, now: Timestamp) -> bool {
    let end = item.get("expires_at").and_then(|end| end.as_n().ok()?.parse::<i64>().ok());
    end.is_some_and(|end| end <= now.as_second())
}
