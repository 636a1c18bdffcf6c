//! The metadata that a caller attaches to a token (F12).

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A JSON object of at most 4 KiB as compact JSON, and at most 32 levels deep (F12).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metadata(Map<String, Value>);

/// The maximum size in bytes.
const MAX_BYTES: usize = 4096;
/// The maximum depth. Verifiers of the token must be able to parse it.
const MAX_LEVELS: usize = 32;

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(object) = deserializer.deserialize_map(Levels(MAX_LEVELS))? else {
            return Err(D::Error::custom("must be an object"));
        };
        let size = serde_json::to_vec(&object).map_or(usize::MAX, |text| text.len());
        if size > MAX_BYTES {
            return Err(D::Error::custom("must be at most 4096 bytes as JSON"));
        }
        Ok(Self(object))
    }
}

/// Deserializes a JSON value with at most this many levels. A repeated name in an object is an error.
///
/// `serde_json` can deserialize a `Value` itself. But the Lambda libraries enable its feature `raw_value`,
/// and then an object with one special name is parsed as embedded JSON, without any depth limit.
#[derive(Debug, Clone, Copy)]
struct Levels(usize);

impl Levels {
    fn one_down<E: Error>(self) -> Result<Self, E> {
        let left = self.0.checked_sub(1).ok_or_else(|| E::custom("must be at most 32 levels deep"))?;
        Ok(Self(left))
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let below = self.one_down()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(below)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let below = self.one_down()?;
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if object.insert(name, map.next_value_seed(below)?).is_some() {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Option<String> {
        let read = serde_json::from_str::<Metadata>(text).ok();
        read.map(|metadata| serde_json::to_string(&metadata).unwrap())
    }

    #[test]
    fn f12_metadata_is_kept_unchanged() {
        for text in [
            "{}",
            r#"{"a":[1,-1,1.5,null,true,"x",{}],"b":{"c":"\u20ac"}}"#,
            r#"{"$serde_json::private::RawValue":"{\"smuggled\":true}"}"#,
            r#"{"$serde_json::private::Number":"1"}"#,
        ] {
            assert_eq!(read(text).unwrap(), text.replace("\\u20ac", "\u{20ac}"), "{text}");
        }
    }

    #[test]
    fn f12_metadata_is_an_object_of_at_most_32_levels() {
        let nested =
            |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "k": inner })).to_string();
        assert!(read(&nested(32)).is_some());
        for bad in [&nested(33), "[]", "null", "1", "\"x\"", r#"{"a":1,"a":2}"#] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn f12_metadata_has_at_most_4096_bytes() {
        let object = |length: usize| json!({ "k": "v".repeat(length - r#"{"k":""}"#.len()) }).to_string();
        assert!(read(&object(4096)).is_some());
        assert!(read(&object(4097)).is_none());
    }
}
