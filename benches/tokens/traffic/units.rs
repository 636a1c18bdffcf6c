//! Read and write units, computed from a request and its response.
//!
//! The rules are the developer guide's ("DynamoDB read and write operations", "DynamoDB item sizes and formats",
//! "DynamoDB transactions: how it works"): a consistent read costs one unit per item and 4 KB of it begun, an eventually
//! consistent read half of that; a batch rounds each item up, a query rounds their sum up; a missing item costs as much
//! as one of up to 4 KB. A write costs one unit per KB begun of the larger of before and after,
//! and as much when its condition fails; in a transaction twice that, checks included. The functions do not ask for
//! `ReturnConsumedCapacity`, and asking for it on their behalf would measure other requests than theirs.
//!
//! The request of an update, a delete or a check does not hold the item. Such items count as up to 1 KB, which is true
//! for the bucket of a rate limit (some 200 bytes).

use serde_json::Value;

use crate::traffic::item_size::size;

/// The bytes that one unit reads, and those that one unit writes.
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
    /// The units of an operation; `None` for an operation that no function uses.
    pub(crate) fn of(operation: &str, request: &Value, response: &Value) -> Option<Self> {
        let reads = |reads| Some(Self { reads, writes: 0.0 });
        let writes = |writes: usize| Some(Self { reads: 0.0, writes: writes as f64 });
        match operation {
            "GetItem" => reads(of_items(response.get("Item").into_iter(), 1, request)),
            "BatchGetItem" => {
                let tables = request.get("RequestItems")?.as_object()?;
                reads(tables.iter().map(|(table, request)| of_batch(table, request, response)).sum())
            }
            "Query" => reads(of_query(request, response)),
            "PutItem" | "UpdateItem" | "DeleteItem" => writes(of_write(request)),
            "TransactWriteItems" => {
                let items = request.get("TransactItems")?.as_array()?;
                let actions = items.iter().filter_map(Value::as_object).flat_map(|item| item.values());
                writes(2 * actions.map(of_write).sum::<usize>())
            }
            _ => None,
        }
    }
}

fn of_batch(table: &str, request: &Value, response: &Value) -> f64 {
    let keys = |of: Option<&Value>| of.and_then(|it| it.get("Keys")?.as_array()).map_or(0, Vec::len);
    let unprocessed = response.get("UnprocessedKeys").and_then(|tables| tables.get(table));
    let found = response.get("Responses").and_then(|tables| tables.get(table)?.as_array());
    of_items(found.into_iter().flatten(), keys(Some(request)).saturating_sub(keys(unprocessed)), request)
}

/// The units of a read of `wanted` items that returned `found`.
fn of_items<'a>(found: impl Iterator<Item = &'a Value>, wanted: usize, request: &Value) -> f64 {
    let each: Vec<_> = found.map(|item| size(item).div_ceil(READ).max(1)).collect();
    let whole = each.iter().sum::<usize>() + wanted.saturating_sub(each.len());
    whole as f64 * consistency(request)
}

fn of_query(request: &Value, response: &Value) -> f64 {
    let found = response.get("Items").and_then(Value::as_array);
    let bytes: usize = found.into_iter().flatten().map(size).sum();
    bytes.div_ceil(READ).max(1) as f64 * consistency(request)
}

fn consistency(request: &Value) -> f64 {
    let is_consistent = request.get("ConsistentRead").and_then(Value::as_bool).unwrap_or(false);
    if is_consistent { 1.0 } else { 0.5 }
}

/// The units of one write. The request of a put holds the item.
fn of_write(request: &Value) -> usize {
    request.get("Item").map_or(1, |item| size(item).div_ceil(WRITE).max(1))
}
