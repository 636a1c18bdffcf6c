//! A field of an update.

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an update does to a field.
///
/// A field that the JSON leaves out is kept. `null` is refused, except in a `Patch<Option<T>>`, where it clears the field.
/// The struct needs `#[serde(default)]`. If the update is serialized, the field needs
/// `#[serde(skip_serializing_if = "Patch::is_keep")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field stays as it is.
    #[default]
    Keep,
    /// The field gets this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field stays as it is.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value to set, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Applies `change` to the value to set.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }
}

impl<T: Clone> Patch<T> {
    /// The value to set, or else the current one.
    #[must_use]
    pub fn or(self, current: &T) -> T {
        match self {
            Self::Keep => current.clone(),
            Self::Set(value) => value,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => Err(S::Error::custom("a field that is kept has no value")),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Update {
        #[serde(skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
        #[serde(skip_serializing_if = "Patch::is_keep")]
        limit: Patch<Option<u32>>,
    }

    fn read(json: Value) -> Result<Update, serde_json::Error> {
        serde_json::from_value(json)
    }

    #[test]
    fn a4_a_field_that_is_left_out_is_kept() {
        let update = read(json!({})).unwrap();
        assert_eq!(update, Update { name: Patch::Keep, limit: Patch::Keep });
        assert_eq!(update.name.or(&"old".to_owned()), "old");
        assert_eq!(update.limit.or(&Some(1)), Some(1));
    }

    #[test]
    fn a4_null_clears_what_may_be_empty_and_is_refused_elsewhere() {
        assert_eq!(read(json!({ "limit": null })).unwrap().limit.or(&Some(1)), None);
        assert!(read(json!({ "name": null })).is_err());
    }

    #[test]
    fn a4_only_the_fields_that_are_set_are_written() {
        for set in [json!({}), json!({ "name": "new" }), json!({ "limit": null }), json!({ "limit": 2 })] {
            assert_eq!(serde_json::to_value(read(set.clone()).unwrap()).unwrap(), set);
        }
        assert!(serde_json::to_value(Patch::<u32>::Keep).is_err());
    }
}
