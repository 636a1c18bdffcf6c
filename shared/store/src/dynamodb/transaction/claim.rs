//! Claims: items that hold the id of another item.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use model::EntityId;
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::number;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

/// The content of a claim.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The id of the item that the claim belongs to.
    pub(crate) id: String,
}

impl Claim {
    pub(super) fn by(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }
}

impl Transaction<'_> {
    /// Creates a claim by `customer` at the Unix second `now`. Fails with `refusal` if another customer's is there that has not
    /// expired, or one that was not released.
    pub(crate) fn claim_released(
        &mut self,
        key: &ItemKey,
        value: &impl Serialize,
        (customer, now): (EntityId, i64),
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now OR released_by = :customer")
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":customer", AttributeValue::S(customer.to_string()));
        self.push_put(key, value, put, refusal)
    }

    /// Adds `id` to a list. `entry` is the key of the new list entry.
    pub(crate) fn add_to_list(&mut self, entry: &ItemKey, id: impl ToString) -> Result<(), StoreError> {
        self.create(entry, &Claim::by(id), Refusal::Stale)
    }
}
