//! The audit log as the operator's commands read it: all records with all stored fields, without any key of the deployment.

use std::ops::ControlFlow;

use model::{ChainHead, EntityId};
use serde_json::{Map, Value};

use crate::dynamodb::key::{self, ItemKey, List};
use crate::dynamodb::table::{Item, Table, fields};
use crate::dynamodb::transaction::claim::Claim;
use crate::error::StoreError;
use crate::registry::TimeRange;

/// The maximum number of items that one request reads by their keys.
const BATCH: usize = 100;

const STEP: &str = "read audit log";

/// Reads the audit logs of a table.
#[derive(Debug, Clone)]
pub struct AuditReader {
    table: Table,
}

/// A record as it is stored in one of the logs that have it.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// The entity in whose log it is.
    pub log: EntityId,
    /// The id under which it is stored.
    pub id: String,
    /// All its fields.
    pub fields: Map<String, Value>,
}

impl AuditReader {
    /// The audit logs of `table`.
    #[must_use]
    pub const fn new(table: Table) -> Self {
        Self { table }
    }

    /// Reads the ids of all customers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customers(&self) -> Result<Vec<EntityId>, StoreError> {
        self.claimed(&List::with_prefix("customers", "child-name#")).await
    }

    /// Reads the ids of all children of an entity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn children(&self, parent: EntityId) -> Result<Vec<EntityId>, StoreError> {
        self.claimed(&key::children(parent)).await
    }

    /// Reads the head of an entity's chain.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn head(&self, entity: EntityId) -> Result<Option<ChainHead>, StoreError> {
        self.table.read(&key::chain_head(entity), "read head of audit chain").await
    }

    /// Calls `visit` with each record of that time in the log of `entity`, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn for_each(
        &self,
        entity: EntityId,
        times: TimeRange,
        mut visit: impl FnMut(StoredRecord),
    ) -> Result<(), StoreError> {
        let list = List { newest_first: false, ..key::audit_log(entity) };
        let between = times.sort_keys();
        let visit_item = |item: Item| {
            visit(stored(entity, &item)?);
            Ok(ControlFlow::Continue(()))
        };
        self.table.for_each_between(&list, between.as_ref(), STEP, visit_item).await
    }

    /// Reads the records with these ids in the log of `entity`, in no order. Leaves out those that do not exist.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn records(&self, entity: EntityId, ids: &[&str]) -> Result<Vec<StoredRecord>, StoreError> {
        let log = key::audit_log(entity);
        let mut found = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let keys: Vec<ItemKey> = batch.iter().map(|id| log.item_at(id)).collect();
            for item in self.table.read_many(&keys, STEP).await? {
                found.push(stored(entity, &item)?);
            }
        }
        Ok(found)
    }

    async fn claimed(&self, list: &List) -> Result<Vec<EntityId>, StoreError> {
        const STEP: &str = "list entities";
        let mut ids = Vec::new();
        let visit = |item: Item| {
            let claim: Claim = crate::dynamodb::table::from_item(item, STEP)?;
            ids.push(claim.id.parse().map_err(StoreError::damaged(STEP))?);
            Ok(ControlFlow::Continue(()))
        };
        self.table.for_each(list, STEP, visit).await?;
        Ok(ids)
    }
}

fn stored(log: EntityId, item: &Item) -> Result<StoredRecord, StoreError> {
    let id = ItemKey::of(item).map(|key| key.sk).unwrap_or_default();
    Ok(StoredRecord { log, id, fields: fields(item, STEP)? })
}
