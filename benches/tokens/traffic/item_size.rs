//! The size of an item by the rules of the developer guide ("DynamoDB item sizes and formats").

use serde_json::{Map, Value};

/// The bytes of an item: the sum of the sizes of attribute names and values.
pub(crate) fn size(item: &Value) -> usize {
    item.as_object().map_or(0, members_size)
}

fn members_size(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("B", Value::String(base64)) => base64.trim_end_matches('=').len() * 3 / 4,
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        ("M", Value::Object(members)) => 3 + members.len() + members_size(members),
        ("L", Value::Array(members)) => {
            3 + members.iter().map(|member| 1 + value_size(member)).sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(members)) => {
            members.iter().filter_map(Value::as_str).map(str::len).sum()
        }
        _ => 1,
    }
}
