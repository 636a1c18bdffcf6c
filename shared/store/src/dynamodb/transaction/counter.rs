//! Counters: items that count what depends on something.

use aws_sdk_dynamodb::types::{Delete, Update};
use serde::{Deserialize, Serialize};

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::number;
use crate::dynamodb::transaction::{EXISTS, Transaction};
use crate::error::{Refusal, StoreError};

/// The content of a counter.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) dependents: u32,
}

const ADD: &str = "ADD dependents :by";

impl Transaction<'_> {
    /// Creates a counter at zero. Fails with [`Refusal::Stale`] if it exists.
    pub(crate) fn create_counter(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.create(key, &Counter { dependents: 0 }, Refusal::Stale)
    }

    /// Adds one. Fails with [`Refusal::Gone`] if the counter does not exist.
    pub(crate) fn increment(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.add(key, 1)
    }

    /// Subtracts one. Fails with [`Refusal::Gone`] if the counter does not exist.
    pub(crate) fn decrement(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        self.add(key, -1)
    }

    fn add(&mut self, key: &ItemKey, by: i64) -> Result<(), StoreError> {
        let update = Update::builder()
            .update_expression(ADD)
            .condition_expression(EXISTS)
            .expression_attribute_values(":by", number(by));
        self.push_update(key, update, Refusal::Gone)
    }

    /// Adds one. Fails with [`Refusal::LimitReached`] if the counter is at `limit` or does not exist.
    pub(crate) fn increment_below(&mut self, key: &ItemKey, limit: u32) -> Result<(), StoreError> {
        self.add_one_if(key, "dependents < :limit", limit)
    }

    /// Adds one, and creates the counter if it does not exist. Fails with [`Refusal::LimitReached`] if the counter is
    /// at `limit`.
    pub(crate) fn increment_or_create_below(&mut self, key: &ItemKey, limit: u32) -> Result<(), StoreError> {
        self.add_one_if(key, "attribute_not_exists(dependents) OR dependents < :limit", limit)
    }

    fn add_one_if(&mut self, key: &ItemKey, condition: &str, limit: u32) -> Result<(), StoreError> {
        let update = Update::builder()
            .update_expression(ADD)
            .condition_expression(condition)
            .expression_attribute_values(":by", number(1))
            .expression_attribute_values(":limit", number(limit));
        self.push_update(key, update, Refusal::LimitReached)
    }

    /// Deletes a counter. Fails with [`Refusal::InUse`] if it is not at zero.
    pub(crate) fn delete_counter_at_zero(&mut self, key: &ItemKey) -> Result<(), StoreError> {
        let delete = Delete::builder()
            .condition_expression("dependents = :zero")
            .expression_attribute_values(":zero", number(0));
        self.push_delete(key, delete, Refusal::InUse)
    }
}
