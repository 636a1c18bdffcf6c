//! Read and write units, worked out from what was asked for and what came back.
//!
//! The rules are the developer guide's ("DynamoDB read and write operations", "DynamoDB item sizes and formats",
//! "DynamoDB transactions: how it works"): a consistent read costs one unit per item and 4 KB of it begun, an eventually
//! consistent one half of that; in a batch each item is rounded up by itself, in a query all together; an item that is
//! not there costs as much as one of up to 4 KB. A write costs one unit per KB begun of the larger of before and after,
//! and as much when its condition fails; in a transaction twice that, checks included. The functions do not ask for
//! `ReturnConsumedCapacity`, and asking for it on their behalf would measure other requests than theirs.
//!
//! What an update, a delete or a check works on is not on the wire. Such items are taken to be of up to 1 KB, as a rate
//! limit's bucket is (some 200 bytes).

use serde_json::Value;

use crate::item_size::size;

/// The bytes one unit reads, and one writes.
const READ: usize = 4096;
const WRITE: usize = 1024;

/// What an operation costs.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Units {
    pub(crate) reads: f64,
    pub(crate) writes: f64,
}

impl std::iter::Sum for Units {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, it| Self {
            reads: sum.reads + it.reads,
            writes: sum.writes + it.writes,
        })
    }
}

impl Units {
    /// Those of an operation; `None` if it is one that no function uses.
    pub(crate) fn of(operation: &str, asked: &Value, answered: &Value) -> Option<Self> {
        let reads = |reads| Some(Self { reads, writes: 0.0 });
        let writes = |writes: usize| Some(Self { reads: 0.0, writes: writes as f64 });
        match operation {
            "GetItem" => reads(of_items(answered.get("Item").into_iter(), 1, asked)),
            "BatchGetItem" => {
                let tables = asked.get("RequestItems")?.as_object()?;
                reads(tables.iter().map(|(table, asked)| of_batch(table, asked, answered)).sum())
            }
            "Query" => reads(of_query(asked, answered)),
            "PutItem" | "UpdateItem" | "DeleteItem" => writes(of_write(asked)),
            "TransactWriteItems" => {
                let items = asked.get("TransactItems")?.as_array()?;
                let actions = items.iter().filter_map(Value::as_object).flat_map(|item| item.values());
                writes(2 * actions.map(of_write).sum::<usize>())
            }
            _ => None,
        }
    }
}

fn of_batch(table: &str, asked: &Value, answered: &Value) -> f64 {
    let keys = |of: Option<&Value>| of.and_then(|it| it.get("Keys")?.as_array()).map_or(0, Vec::len);
    let left = answered.get("UnprocessedKeys").and_then(|tables| tables.get(table));
    let found = answered.get("Responses").and_then(|tables| tables.get(table)?.as_array());
    of_items(found.into_iter().flatten(), keys(Some(asked)).saturating_sub(keys(left)), asked)
}

/// The units of a read of `wanted` items that gave `found`.
fn of_items<'a>(found: impl Iterator<Item = &'a Value>, wanted: usize, asked: &Value) -> f64 {
    let each: Vec<_> = found.map(|item| size(item).div_ceil(READ).max(1)).collect();
    let whole = each.iter().sum::<usize>() + wanted.saturating_sub(each.len());
    whole as f64 * consistency(asked)
}

fn of_query(asked: &Value, answered: &Value) -> f64 {
    let found = answered.get("Items").and_then(Value::as_array);
    let bytes: usize = found.into_iter().flatten().map(size).sum();
    bytes.div_ceil(READ).max(1) as f64 * consistency(asked)
}

fn consistency(asked: &Value) -> f64 {
    let is_consistent = asked.get("ConsistentRead").and_then(Value::as_bool).unwrap_or(false);
    if is_consistent { 1.0 } else { 0.5 }
}

/// The units of one write: what is put is on the wire.
fn of_write(asked: &Value) -> usize {
    asked.get("Item").map_or(1, |item| size(item).div_ceil(WRITE).max(1))
}
