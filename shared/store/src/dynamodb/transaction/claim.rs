//! Claims: items that hold the id of another item.

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
    pub(super) fn by(id: impl ToString) -> Self {
        Self { id: id.to_string() }
    }
}

impl Transaction<'_> {
    /// Adds `id` to a list. `entry` is the key of the new list entry.
    pub(crate) fn add_to_list(&mut self, entry: &ItemKey, id: impl ToString) -> Result<(), StoreError> {
        self.create(entry, &Claim::by(id), Refusal::Stale)
    }
}
