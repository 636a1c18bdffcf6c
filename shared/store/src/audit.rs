//! The audit log: each record once for the entity concerned and once for each ancestor, so that the log of an
//! entity and everything below it is one query, in order.

use model::{AuditRecord, EntityId};

use crate::error::{Refusal, StoreError};
use crate::key;
use crate::page::{Cursor, List, Page, PageLimit};
use crate::registry::{Change, Registry};
use crate::table::from_item;
use crate::transaction::Transaction;

impl Registry {
    /// What happened to `entity` and everything below it, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_log(
        &self,
        entity: EntityId,
        from: Option<&Cursor>,
        limit: PageLimit,
    ) -> Result<Page<AuditRecord>, StoreError> {
        const WHAT: &str = "read audit log";
        let list = List { pk: key::audit_of(entity), prefix: String::new(), newest_first: true };
        self.table.page(&list, from, limit, WHAT).await?.try_map(|item| from_item(item, WHAT))
    }
}

pub(crate) fn write(transaction: &mut Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    for &entity in &change.path {
        transaction.create(&key::audit(entity, change.audit.id), &change.audit, Refusal::Stale)?;
    }
    Ok(())
}
