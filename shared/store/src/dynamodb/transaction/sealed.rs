//! Replaces the sealed values of an item.

use aws_sdk_dynamodb::types::{AttributeValue, Update};

use crate::dynamodb::table::{Item, number};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};
use crate::sealed_values::SealedItem;

impl Transaction<'_> {
    /// Sets the attributes `new`, which hold the same secrets as those of `old` under another data key, and keeps the others.
    /// Fails with [`Refusal::Stale`] if `old` has changed since it was read.
    ///
    /// An item with a version gets the next one. Otherwise a change that began before could write the old values again.
    /// A stored response has the version of something else and is never changed, so its old values are the condition.
    pub(crate) fn replace_sealed(&mut self, old: &SealedItem, new: Item) -> Result<(), StoreError> {
        let mut update = Update::builder();
        let (mut assignments, mut conditions) = (Vec::new(), Vec::new());
        let version = if old.is_stored_response() { None } else { version(&old.item) };
        for (index, (name, value)) in new.into_iter().enumerate() {
            assignments.push(format!("#n{index} = :new{index}"));
            if version.is_none() {
                conditions.push(format!("#n{index} = :old{index}"));
                let old_value = old.item.get(&name).cloned().unwrap_or(AttributeValue::Null(true));
                update = update.expression_attribute_values(format!(":old{index}"), old_value);
            }
            update = update
                .expression_attribute_names(format!("#n{index}"), name)
                .expression_attribute_values(format!(":new{index}"), value);
        }
        if let Some(version) = version {
            assignments.push("version = :next".to_owned());
            conditions.push("version = :version".to_owned());
            update = update
                .expression_attribute_values(":version", number(version))
                .expression_attribute_values(":next", number(version + 1));
        }
        let update = update
            .update_expression(format!("SET {}", assignments.join(", ")))
            .condition_expression(conditions.join(" AND "));
        self.push_update(&old.key, update, Refusal::Stale)
    }
}

fn version(item: &Item) -> Option<u64> {
    item.get("version")?.as_n().ok()?.parse().ok()
}
