//! Finds the sealed values of an item. They are its binary attributes: nothing else in the table is binary.

use aws_sdk_dynamodb::types::AttributeValue;
use crypto::Sealed;

use crate::dynamodb::table::Item;

/// All sealed values of `item`, also the nested ones.
pub(crate) fn sealed_values(item: &Item) -> Vec<Sealed> {
    let mut found = Vec::new();
    item.values().for_each(|value| collect(value, &mut found));
    found
}

fn collect(value: &AttributeValue, found: &mut Vec<Sealed>) {
    match value {
        AttributeValue::B(bytes) => found.push(Sealed::from_stored(bytes.as_ref().to_vec())),
        AttributeValue::L(values) => values.iter().for_each(|value| collect(value, found)),
        AttributeValue::M(values) => values.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}
