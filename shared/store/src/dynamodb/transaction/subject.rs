//! List entries of a project's users, devices and identities.

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use model::Timestamp;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

/// Creates an entry, or updates it and removes its end.
const WITHOUT_END: &str =
    "SET id = :id, created_at = if_not_exists(created_at, :now), updated_at = :now REMOVE expires_at";

impl Transaction<'_> {
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
