//! Writes that go through together or not at all, each with the reason to give when its condition fails.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use serde::Serialize;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table, to_item};
use crate::error::{Refusal, StoreError, WriteError};

/// Writes collected for one commit. The first failing condition, in the order they were added, is the answer.
#[derive(Debug)]
pub(crate) struct Transaction<'t> {
    table: &'t Table,
    what: &'static str,
    writes: Vec<(TransactWriteItem, Refusal)>,
}

/// How often a commit that ran into another one is tried again.
const ATTEMPTS: u32 = 5;

impl<'t> Transaction<'t> {
    pub(crate) fn new(table: &'t Table, what: &'static str) -> Self {
        Self { table, what, writes: Vec::new() }
    }

    /// A new item; refused if there is one at its key.
    pub(crate) fn create(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = self.put(key, value)?.condition_expression("attribute_not_exists(pk)");
        self.push_put(put, refusal)
    }

    /// A new item, also in the place of one whose `expires_at` is not after `now`.
    pub(crate) fn create_or_renew(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        now: i64,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = self
            .put(key, value)?
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()));
        self.push_put(put, refusal)
    }

    /// The item, in the place of any there is.
    pub(crate) fn set(&mut self, key: &ItemKey, value: &impl Serialize) -> Result<(), StoreError> {
        let put = self.put(key, value)?;
        self.push_put(put, Refusal::Stale)
    }

    /// The item changed from `version`; stale if it has another one by now.
    pub(crate) fn replace(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        version: u64,
    ) -> Result<(), StoreError> {
        let put = self
            .put(key, value)?
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        self.push_put(put, Refusal::Stale)
    }

    /// The claim at `key` passes from `from` to `to`; stale if it is not `from`'s.
    pub(crate) fn pass_on(&mut self, key: &ItemKey, from: &str, to: &Claim) -> Result<(), StoreError> {
        let put = self
            .put(key, to)?
            .condition_expression("id = :from")
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()));
        self.push_put(put, Refusal::Stale)
    }

    /// The item at `version` goes; stale if it has another one by now.
    pub(crate) fn delete(&mut self, key: &ItemKey, version: u64) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        self.push_delete(key, delete, Refusal::Stale)
    }

    /// The item goes, if it is there.
    pub(crate) fn drop_item(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.push_delete(key, Delete::builder(), Refusal::Stale)
    }

    /// The counter goes; in use if it is not at zero.
    pub(crate) fn drop_counter(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .condition_expression("dependents = :none")
            .expression_attribute_values(":none", AttributeValue::N("0".to_owned()));
        self.push_delete(key, delete, Refusal::InUse)
    }

    /// A counter goes up or down; what it counts for must be there, and below `limit` if there is one.
    pub(crate) fn count(&mut self, key: &ItemKey, by: i64, limit: Option<u32>) -> Result<(), StoreError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key.attributes()))
            .update_expression("ADD dependents :by")
            .expression_attribute_values(":by", number(by));
        let (update, refusal) = match limit {
            None => (update.condition_expression("attribute_exists(pk)"), Refusal::Gone),
            Some(limit) => (
                update
                    .condition_expression("dependents < :limit")
                    .expression_attribute_values(":limit", number(i64::from(limit))),
                Refusal::LimitReached,
            ),
        };
        let update = update.build().map_err(StoreError::damaged(self.what))?;
        self.writes.push((TransactWriteItem::builder().update(update).build(), refusal));
        Ok(())
    }

    /// A counter goes up, from nothing if it is not there; refused if it is at `limit`.
    pub(crate) fn count_up(&mut self, key: &ItemKey, limit: u32) -> Result<(), StoreError> {
        let number = |number: u32| AttributeValue::N(number.to_string());
        let update = Update::builder()
            .update_expression("ADD dependents :one")
            .condition_expression("attribute_not_exists(dependents) OR dependents < :limit")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":limit", number(limit));
        self.push_update(key, update, Refusal::LimitReached)
    }

    /// Each attribute of `values` takes the place of the one there was; refused if there is no item.
    pub(crate) fn refresh(&mut self, key: &ItemKey, values: &impl Serialize) -> Result<(), StoreError> {
        let values: Item = serde_dynamo::to_item(values).map_err(StoreError::damaged(self.what))?;
        let mut update = Update::builder().condition_expression("attribute_exists(pk)");
        let mut sets = Vec::with_capacity(values.len());
        for (at, (name, value)) in values.into_iter().enumerate() {
            sets.push(format!("#n{at} = :v{at}"));
            update = update
                .expression_attribute_names(format!("#n{at}"), name)
                .expression_attribute_values(format!(":v{at}"), value);
        }
        let update = update.update_expression(format!("SET {}", sets.join(", ")));
        self.push_update(key, update, Refusal::Gone)
    }

    /// The item goes; refused if it is not there.
    pub(crate) fn remove(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        let delete = Delete::builder().condition_expression("attribute_exists(pk)");
        self.push_delete(key, delete, Refusal::Gone)
    }

    /// Nothing is written to `key`, but it must be there.
    pub(crate) fn require_any(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        let check = ConditionCheck::builder().condition_expression("attribute_exists(pk)");
        self.push_check(key, check, Refusal::Gone)
    }

    /// Nothing is written to `key`, but it must be at `version`.
    pub(crate) fn require(&mut self, key: &ItemKey, version: u64) -> Result<(), StoreError> {
        let check = ConditionCheck::builder()
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
        self.push_check(key, check, Refusal::Stale)
    }

    /// Writes everything or nothing.
    pub(crate) async fn commit(self) -> Result<(), WriteError> {
        let (items, refusals): (Vec<_>, Vec<_>) = self.writes.into_iter().unzip();
        for attempt in 1.. {
            let request = self.table.client.transact_write_items().set_transact_items(Some(items.clone()));
            let Err(error) = request.send().await else { return Ok(()) };
            let reasons = cancellation(&error);
            if let Some(refusal) = refused(reasons, &refusals) {
                return Err(refusal.into());
            }
            if attempt == ATTEMPTS || !collided(reasons) {
                return Err(StoreError::failed(self.what)(error).into());
            }
            tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
        }
        Ok(())
    }

    fn push_update(
        &mut self,
        key: &ItemKey,
        update: aws_sdk_dynamodb::types::builders::UpdateBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let update = update.table_name(&self.table.name).set_key(Some(key.attributes()));
        let update = update.build().map_err(StoreError::damaged(self.what))?;
        self.writes.push((TransactWriteItem::builder().update(update).build(), refusal));
        Ok(())
    }

    fn push_check(
        &mut self,
        key: &ItemKey,
        check: aws_sdk_dynamodb::types::builders::ConditionCheckBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let check = check.table_name(&self.table.name).set_key(Some(key.attributes()));
        let check = check.build().map_err(StoreError::damaged(self.what))?;
        self.writes.push((TransactWriteItem::builder().condition_check(check).build(), refusal));
        Ok(())
    }

    fn put(
        &self,
        key: &ItemKey,
        value: &impl Serialize,
    ) -> Result<aws_sdk_dynamodb::types::builders::PutBuilder, StoreError> {
        let item = to_item(key, value, self.what)?;
        Ok(Put::builder().table_name(&self.table.name).set_item(Some(item)))
    }

    fn push_put(
        &mut self,
        put: aws_sdk_dynamodb::types::builders::PutBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = put.build().map_err(StoreError::damaged(self.what))?;
        self.writes.push((TransactWriteItem::builder().put(put).build(), refusal));
        Ok(())
    }

    fn push_delete(
        &mut self,
        key: &ItemKey,
        delete: aws_sdk_dynamodb::types::builders::DeleteBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let delete = delete.table_name(&self.table.name).set_key(Some(key.attributes()));
        let delete = delete.build().map_err(StoreError::damaged(self.what))?;
        self.writes.push((TransactWriteItem::builder().delete(delete).build(), refusal));
        Ok(())
    }
}

/// An item that holds a name for whoever has that id.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(crate) struct Claim {
    pub(crate) id: String,
}

impl Claim {
    pub(crate) fn by(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }
}

/// An item that counts what depends on something.
#[derive(Debug, Serialize)]
pub(crate) struct Counter {
    pub(crate) dependents: u32,
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

fn refused(reasons: &[CancellationReason], refusals: &[Refusal]) -> Option<Refusal> {
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    reasons.iter().zip(refusals).find(|(reason, _)| failed(reason)).map(|(_, refusal)| *refusal)
}

fn collided(reasons: &[CancellationReason]) -> bool {
    reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"))
}
