//! The conditions of a transaction on its caller.

use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem};

use crate::change::{CallerItem, CallerItems};
use crate::dynamodb::table::Item;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

impl Transaction<'_> {
    /// Lets the transaction fail with [`Refusal::CallerChanged`] if one of the caller's items is not as it was read.
    pub(crate) fn require_caller(&mut self, caller: &CallerItems) {
        self.caller.extend(caller.iter().cloned());
    }

    /// The checks of the caller's items. DynamoDB accepts one operation for each item of a transaction, so an item that
    /// the transaction writes as well has no check: this write must then require the version that the caller was read at.
    pub(super) fn caller_checks(&self) -> Result<Vec<(TransactWriteItem, Refusal)>, WriteError> {
        let mut checks = Vec::with_capacity(self.caller.len());
        for item in &self.caller {
            match self.required_versions.iter().find(|(written, _)| *written == item.key) {
                Some((_, required)) if *required == item.version => {}
                Some(_) => return Err(Refusal::CallerChanged.into()),
                None => checks.push((self.caller_check(item)?, Refusal::CallerChanged)),
            }
        }
        Ok(checks)
    }

    fn caller_check(&self, item: &CallerItem) -> Result<TransactWriteItem, StoreError> {
        let Some(switches) = item.switches else { return self.version_check(&item.key, item.version) };
        let attributes: Item = serde_dynamo::to_item(switches).map_err(StoreError::damaged(self.step))?;
        let mut check = ConditionCheck::builder();
        let mut conditions = Vec::with_capacity(attributes.len());
        for (index, (name, value)) in attributes.into_iter().enumerate() {
            conditions.push(format!("#n{index} = :v{index}"));
            check = check
                .expression_attribute_names(format!("#n{index}"), name)
                .expression_attribute_values(format!(":v{index}"), value);
        }
        self.check(&item.key, check.condition_expression(conditions.join(" AND ")))
    }
}
