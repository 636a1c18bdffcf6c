//! Finds the sealed values of an item. They are its binary attributes: nothing else in the table is binary, except the
//! wrapped data keys of the deployment.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use crypto::{CryptoError, DataKeys, Sealed};

use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::Item;

/// An item with sealed values.
#[derive(Debug)]
pub(crate) struct SealedItem {
    pub(crate) key: ItemKey,
    pub(crate) item: Item,
    values: Vec<SealedValue>,
}

/// A sealed value of an item.
#[derive(Debug)]
pub(crate) struct SealedValue {
    pub(crate) sealed: Sealed,
    /// The places that it may be sealed for: the item, or the part of the item that contains it. The place of a part is the
    /// place of the item with the `id` or `kid` of the part.
    places: Vec<String>,
}

impl SealedItem {
    /// `None` if `item` has no sealed values, or is the item `deployment`.
    pub(crate) fn of(item: Item) -> Option<Self> {
        let key = ItemKey::of(&item)?;
        let mut values = Vec::new();
        if key != key::deployment() {
            let mut add =
                |sealed, places: &[String]| values.push(SealedValue { sealed, places: places.to_vec() });
            visit_map(&item, &[key.place()], &mut add);
        }
        (!values.is_empty()).then_some(Self { key, item, values })
    }

    /// Whether this is the stored response of an idempotency key.
    pub(crate) fn is_stored_response(&self) -> bool {
        self.key.pk.starts_with("idempotency#")
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &SealedValue> {
        self.values.iter()
    }

    /// The attributes with sealed values, with all of them under the key that seals. `None` if a value does not open.
    pub(crate) fn resealed(&self, data_keys: &DataKeys) -> Result<Option<Item>, CryptoError> {
        if self.values.iter().any(|value| !value.opens(data_keys)) {
            return Ok(None);
        }
        let places = part_places(&self.item, &[self.key.place()]);
        let mut changed = Item::new();
        for (name, value) in &self.item {
            let new = resealed(value, &places, data_keys)?;
            if new != *value {
                changed.insert(name.clone(), new);
            }
        }
        Ok(Some(changed))
    }
}

impl SealedValue {
    /// Whether one of `data_keys` opens it at its place.
    pub(crate) fn opens(&self, data_keys: &DataKeys) -> bool {
        open(&self.sealed, &self.places, data_keys).is_some()
    }
}

/// Whether a value in `items` names a data key that is not in `data_keys`.
pub(crate) fn name_unknown_key(items: &[Item], data_keys: &DataKeys) -> bool {
    let mut is_lacking = false;
    for item in items {
        visit_map(item, &[], &mut |sealed, _| is_lacking |= data_keys.lacks_key_of(&sealed));
    }
    is_lacking
}

/// The plain text, and the place that the value was sealed for.
fn open<'p>(
    sealed: &Sealed,
    places: &'p [String],
    data_keys: &DataKeys,
) -> Option<(zeroize::Zeroizing<Vec<u8>>, &'p str)> {
    places.iter().find_map(|place| Some((data_keys.open(sealed, place).ok()?, place.as_str())))
}

type Visitor<'v> = dyn FnMut(Sealed, &[String]) + 'v;

/// Calls `visitor` with each sealed value in `map` and its places.
fn visit_map(map: &Item, places: &[String], visitor: &mut Visitor<'_>) {
    let places = part_places(map, places);
    map.values().for_each(|value| visit(value, &places, visitor));
}

fn visit(value: &AttributeValue, places: &[String], visitor: &mut Visitor<'_>) {
    match value {
        AttributeValue::B(bytes) => visitor(Sealed::from_stored(bytes.as_ref().to_vec()), places),
        AttributeValue::L(values) => values.iter().for_each(|value| visit(value, places, visitor)),
        AttributeValue::M(map) => visit_map(map, places, visitor),
        _ => {}
    }
}

/// Returns `value` with every sealed value in it under the key that seals.
fn resealed(
    value: &AttributeValue,
    places: &[String],
    data_keys: &DataKeys,
) -> Result<AttributeValue, CryptoError> {
    Ok(match value {
        AttributeValue::B(bytes) => {
            let sealed = Sealed::from_stored(bytes.as_ref().to_vec());
            let (plain, place) = open(&sealed, places, data_keys).ok_or(CryptoError::Open)?;
            AttributeValue::B(Blob::new(data_keys.seal(&plain, place)?.as_bytes()))
        }
        AttributeValue::L(values) => {
            let new = values.iter().map(|value| resealed(value, places, data_keys));
            AttributeValue::L(new.collect::<Result<_, _>>()?)
        }
        AttributeValue::M(map) => {
            let places = part_places(map, places);
            let new =
                map.iter().map(|(name, value)| Ok((name.clone(), resealed(value, &places, data_keys)?)));
            AttributeValue::M(new.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

/// The places of the values in `map`: those in `places`, and each of them with the `id` or `kid` of `map`.
fn part_places(map: &Item, places: &[String]) -> Vec<String> {
    let ids = ["id", "kid"].into_iter().filter_map(|name| map.get(name)?.as_s().ok());
    let parts: Vec<String> =
        ids.flat_map(|id| places.iter().map(move |place| format!("{place}|{id}"))).collect();
    places.iter().cloned().chain(parts).collect()
}
