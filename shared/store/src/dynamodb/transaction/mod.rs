//! Transactions: writes that are stored together or not at all.
//!
//! Each write has a condition, and the [`Refusal`] for the case that the condition fails. The methods below return an
//! error only if the write cannot be built. [`Transaction::commit`] evaluates the conditions: those on the caller first,
//! then the others in the order in which they were added.

mod audit;
mod caller;
pub(crate) mod claim;
mod commit;
pub(crate) mod counter;
pub(crate) mod name;
mod retries;
mod sealed;
mod subject;

use aws_sdk_dynamodb::types::builders::{ConditionCheckBuilder, DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};
use serde::Serialize;

use crate::change::CallerItem;
use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, NOT_EXISTS, Table, number, to_item};
use crate::dynamodb::transaction::audit::PendingRecord;
use crate::error::{Refusal, StoreError};

/// The writes of one transaction, collected until [`Transaction::commit`].
#[derive(Debug)]
pub(crate) struct Transaction<'t> {
    table: &'t Table,
    step: &'static str,
    /// The items that the caller's rights depend on, as they were read.
    caller: Vec<CallerItem>,
    writes: Vec<Write>,
    /// The items that `writes` require at a version.
    required_versions: Vec<(ItemKey, u64)>,
    record: Option<PendingRecord>,
}

/// A write, and the refusal if its condition fails.
type Write = (TransactWriteItem, Refusal);

const EXISTS: &str = "attribute_exists(pk)";
const HAS_VERSION: &str = "version = :version";

impl<'t> Transaction<'t> {
    pub(crate) fn new(table: &'t Table, step: &'static str) -> Self {
        let (caller, writes, required_versions) = (Vec::new(), Vec::new(), Vec::new());
        Self { table, step, caller, writes, required_versions, record: None }
    }

    /// Creates an item. Fails with `refusal` if the item exists.
    pub(crate) fn create(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = Put::builder().condition_expression(NOT_EXISTS);
        self.push_put(key, value, put, refusal)
    }

    /// Creates an item, or replaces an expired one. Fails with `refusal` if the item exists and its `expires_at` is
    /// later than `now`.
    pub(crate) fn create_or_replace_expired(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        now: i64,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", number(now));
        self.push_put(key, value, put, refusal)
    }

    /// Creates or replaces an item, without a condition.
    pub(crate) fn put(&mut self, key: &ItemKey, value: &impl Serialize) -> Result<(), StoreError> {
        self.push_put(key, value, Put::builder(), Refusal::Stale)
    }

    /// Creates an item, or replaces one whose text `attribute` is as it was `read`. `None` means that the item did not
    /// exist. Fails with [`Refusal::Stale`] otherwise.
    pub(crate) fn replace_if(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        attribute: &str,
        read: Option<&str>,
    ) -> Result<(), StoreError> {
        let put = match read {
            None => Put::builder().condition_expression("attribute_not_exists(pk)"),
            Some(text) => Put::builder()
                .condition_expression("#attribute = :read")
                .expression_attribute_names("#attribute", attribute)
                .expression_attribute_values(":read", AttributeValue::S(text.to_owned())),
        };
        self.push_put(key, value, put, Refusal::Stale)
    }

    /// Replaces an item. Fails with [`Refusal::Stale`] if it does not have `version`.
    pub(crate) fn replace_version(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        version: u64,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .condition_expression(HAS_VERSION)
            .expression_attribute_values(":version", number(version));
        self.required_versions.push((key.clone(), version));
        self.push_put(key, value, put, Refusal::Stale)
    }

    /// Replaces an item that was written before it had versions. Fails with [`Refusal::Stale`] if it has one now.
    pub(crate) fn replace_without_version(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        let put =
            Put::builder().condition_expression("attribute_exists(pk) AND attribute_not_exists(version)");
        self.push_put(key, value, put, Refusal::Stale)
    }

    /// Sets the attributes in `values` and keeps the others. Fails with [`Refusal::Gone`] if the item does not exist.
    pub(crate) fn update_existing(
        &mut self,
        key: &ItemKey,
        values: &impl Serialize,
    ) -> Result<(), StoreError> {
        let values: Item = serde_dynamo::to_item(values).map_err(StoreError::damaged(self.step))?;
        let mut update = Update::builder().condition_expression(EXISTS);
        let mut assignments = Vec::with_capacity(values.len());
        for (index, (name, value)) in values.into_iter().enumerate() {
            assignments.push(format!("#n{index} = :v{index}"));
            update = update
                .expression_attribute_names(format!("#n{index}"), name)
                .expression_attribute_values(format!(":v{index}"), value);
        }
        let expression = format!("SET {}", assignments.join(", "));
        self.push_update(key, update.update_expression(expression), Refusal::Gone)
    }

    /// Deletes an item. Fails with [`Refusal::Stale`] if it does not have `version`.
    pub(crate) fn delete_version(&mut self, key: &ItemKey, version: u64) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .condition_expression(HAS_VERSION)
            .expression_attribute_values(":version", number(version));
        self.required_versions.push((key.clone(), version));
        self.push_delete(key, delete, Refusal::Stale)
    }

    /// Deletes an item. Fails with [`Refusal::Stale`] if its attribute `name` is not `value`.
    pub(crate) fn delete_matching(
        &mut self,
        key: &ItemKey,
        (name, value): (&'static str, AttributeValue),
    ) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .condition_expression("#name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value);
        self.push_delete(key, delete, Refusal::Stale)
    }

    /// Deletes an item if it exists, without a condition.
    pub(crate) fn delete(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.push_delete(key, Delete::builder(), Refusal::Stale)
    }

    /// Deletes an item. Fails with [`Refusal::Gone`] if it does not exist.
    pub(crate) fn delete_existing(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.push_delete(key, Delete::builder().condition_expression(EXISTS), Refusal::Gone)
    }

    /// Writes nothing. Fails with [`Refusal::Gone`] if the item does not exist.
    pub(crate) fn require_exists(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        let check = self.check(key, ConditionCheck::builder().condition_expression(EXISTS))?;
        self.writes.push((check, Refusal::Gone));
        Ok(())
    }

    /// Writes nothing. Fails with `refusal` if the item exists.
    pub(crate) fn require_absent(&mut self, key: &ItemKey, refusal: Refusal) -> Result<(), StoreError> {
        let check = self.check(key, ConditionCheck::builder().condition_expression(NOT_EXISTS))?;
        self.writes.push((check, refusal));
        Ok(())
    }

    /// Writes nothing. Fails with [`Refusal::Stale`] if the item does not have `version`.
    pub(crate) fn require_version(&mut self, key: &ItemKey, version: u64) -> Result<(), StoreError> {
        let check = self.version_check(key, version)?;
        self.required_versions.push((key.clone(), version));
        self.writes.push((check, Refusal::Stale));
        Ok(())
    }

    fn version_check(&self, key: &ItemKey, version: u64) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .condition_expression(HAS_VERSION)
            .expression_attribute_values(":version", number(version));
        self.check(key, check)
    }

    fn push_put(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        builder: PutBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let write = self.put_write(key, value, builder, refusal)?;
        self.writes.push(write);
        Ok(())
    }

    fn put_write(
        &self,
        key: &ItemKey,
        value: &impl Serialize,
        builder: PutBuilder,
        refusal: Refusal,
    ) -> Result<Write, StoreError> {
        let item = to_item(key, value, self.step)?;
        let built = builder.table_name(&self.table.name).set_item(Some(item)).build();
        let put = built.map_err(StoreError::damaged(self.step))?;
        Ok((TransactWriteItem::builder().put(put).build(), refusal))
    }

    pub(super) fn push_update(
        &mut self,
        key: &ItemKey,
        builder: UpdateBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let built = builder.table_name(&self.table.name).set_key(Some(key.attributes())).build();
        let update = built.map_err(StoreError::damaged(self.step))?;
        self.writes.push((TransactWriteItem::builder().update(update).build(), refusal));
        Ok(())
    }

    fn push_delete(
        &mut self,
        key: &ItemKey,
        builder: DeleteBuilder,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let built = builder.table_name(&self.table.name).set_key(Some(key.attributes())).build();
        let delete = built.map_err(StoreError::damaged(self.step))?;
        self.writes.push((TransactWriteItem::builder().delete(delete).build(), refusal));
        Ok(())
    }

    fn check(&self, key: &ItemKey, builder: ConditionCheckBuilder) -> Result<TransactWriteItem, StoreError> {
        let built = builder.table_name(&self.table.name).set_key(Some(key.attributes())).build();
        let check = built.map_err(StoreError::damaged(self.step))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}
