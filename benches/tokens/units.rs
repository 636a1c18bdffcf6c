//! Read units, worked out from what a read asked for and what it got.
//!
//! The rules are the developer guide's ("DynamoDB read and write operations", "DynamoDB item sizes and formats"): a
//! consistent read costs one unit per item and 4 KB of it begun, an eventually consistent one half of that; in a batch
//! each item is rounded up by itself; an item that is not there costs as much as one of up to 4 KB. The functions do
//! not ask for `ReturnConsumedCapacity`, and asking for it on their behalf would measure other requests than theirs.

use serde_json::{Map, Value};

/// The bytes one unit reads.
const UNIT: usize = 4096;

/// The read units of an operation; `None` if it is neither `GetItem` nor `BatchGetItem`.
pub(crate) fn read_units(operation: &str, asked: &Value, answered: &Value) -> Option<f64> {
    match operation {
        "GetItem" => Some(units(answered.get("Item").into_iter(), 1, asked)),
        "BatchGetItem" => {
            let tables = asked.get("RequestItems")?.as_object()?;
            Some(tables.iter().map(|(table, asked)| batch(table, asked, answered)).sum())
        }
        _ => None,
    }
}

fn batch(table: &str, asked: &Value, answered: &Value) -> f64 {
    let keys = |of: Option<&Value>| of.and_then(|it| it.get("Keys")?.as_array()).map_or(0, Vec::len);
    let left = answered.get("UnprocessedKeys").and_then(|tables| tables.get(table));
    let found = answered.get("Responses").and_then(|tables| tables.get(table)?.as_array());
    units(found.into_iter().flatten(), keys(Some(asked)).saturating_sub(keys(left)), asked)
}

/// The units of a read of `wanted` items that gave `found`.
fn units<'a>(found: impl Iterator<Item = &'a Value>, wanted: usize, asked: &Value) -> f64 {
    let each: Vec<_> =
        found.filter_map(Value::as_object).map(|item| size(item).div_ceil(UNIT).max(1)).collect();
    let whole = each.iter().sum::<usize>() + wanted.saturating_sub(each.len());
    let is_consistent = asked.get("ConsistentRead").and_then(Value::as_bool).unwrap_or(false);
    whole as f64 * if is_consistent { 1.0 } else { 0.5 }
}

/// The size of an item: of its attributes' names and values.
fn size(attributes: &Map<String, Value>) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("B", Value::String(base64)) => base64.trim_end_matches('=').len() * 3 / 4,
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        ("M", Value::Object(members)) => 3 + members.len() + size(members),
        ("L", Value::Array(members)) => {
            3 + members.iter().map(|member| 1 + value_size(member)).sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(members)) => {
            members.iter().filter_map(Value::as_str).map(str::len).sum()
        }
        _ => 1,
    }
}
