//! List entries of a project's users, devices and identities.

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use model::Timestamp;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

/// Creates an entry, or updates it and removes its end.
const WITHOUT_END: &str =
    "SET id = :id, created_at = if_not_exists(created_at, :now), updated_at = :now REMOVE expires_at";

/// Creates an entry with these times, or removes the end of one.
const WITH_TIMES: &str = "SET id = :id, created_at = if_not_exists(created_at, :created), \
                          updated_at = if_not_exists(updated_at, :updated) REMOVE expires_at";

impl Transaction<'_> {
    /// Adds `id` to a list, created and updated at these times. An entry that exists keeps its own times. It has no end.
    pub(crate) fn list_with_times(
        &mut self,
        entry: &ItemKey,
        id: &str,
        (created_at, updated_at): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let update = Update::builder()
            .update_expression(WITH_TIMES)
            .expression_attribute_values(":id", AttributeValue::S(id.to_owned()))
            .expression_attribute_values(":created", AttributeValue::S(created_at.to_string()))
            .expression_attribute_values(":updated", AttributeValue::S(updated_at.to_string()));
        self.push_update(entry, update, Refusal::Stale)
    }

    /// Adds `id` to a list, or updates its entry. The entry has no end.
    pub(crate) fn list_without_end(
        &mut self,
        entry: &ItemKey,
        id: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::builder()
            .update_expression(WITHOUT_END)
            .expression_attribute_values(":id", AttributeValue::S(id.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()));
        self.push_update(entry, update, Refusal::Stale)
    }
}
