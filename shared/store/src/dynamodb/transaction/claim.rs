//! Claims: items that hold the id of another item, under its name or in a list.

use aws_sdk_dynamodb::types::{AttributeValue, Put};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};

/// The content of a claim.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The id of the item that the claim belongs to.
    pub(crate) id: String,
}

impl Claim {
    fn by(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }
}

impl Transaction<'_> {
    /// Claims a name for `id`. Fails with [`Refusal::NameTaken`] if the name is claimed.
    pub(crate) fn claim_name(&mut self, name: &ItemKey, id: impl ToString) -> Result<(), StoreError> {
        self.create(name, &Claim::by(id), Refusal::NameTaken)
    }

    /// Adds `id` to a list. `entry` is the key of the new list entry.
    pub(crate) fn add_to_list(&mut self, entry: &ItemKey, id: impl ToString) -> Result<(), StoreError> {
        self.create(entry, &Claim::by(id), Refusal::Stale)
    }

    /// Replaces the claim of `id` on the name `old` by a claim on the name `new`. Does nothing if both are the same.
    /// Fails with [`Refusal::NameTaken`] if `new` is claimed.
    pub(crate) fn rename_claim(
        &mut self,
        old: &ItemKey,
        new: &ItemKey,
        id: impl ToString,
    ) -> Result<(), StoreError> {
        if old == new {
            return Ok(());
        }
        self.claim_name(new, id)?;
        self.delete(old)
    }

    /// Gives the claim on a name from the item `from` to the item `to`. Fails with [`Refusal::Stale`] if `from` does
    /// not hold the claim.
    pub(crate) fn transfer_claim(
        &mut self,
        name: &ItemKey,
        from: impl ToString,
        to: impl ToString,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .condition_expression("id = :from")
            .expression_attribute_values(":from", AttributeValue::S(from.to_string()));
        self.push_put(name, &Claim::by(to), put, Refusal::Stale)
    }
}
