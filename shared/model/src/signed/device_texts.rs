//! Named texts that apps send about a device: signals and metadata (S5, S6).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Texts that distinguish a device from others: at most 32, each of at most 512 characters with a name of at
/// most 64 (S5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Signals(BTreeMap<String, String>);

/// Texts that an app stores with a device: at most 32, each of at most 1024 characters with a name of at most
/// 64, and at most 4096 bytes as JSON (S5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DeviceMetadata(BTreeMap<String, String>);

/// The names of signals that a vendor assigns to exactly one device (S5).
const VENDOR_IDENTIFIERS: [&str; 2] = ["androidVendorIdentifier", "iosVendorIdentifier"];

impl Signals {
    /// Whether there are no signals.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn stored_bytes(&self) -> usize {
        stored_bytes(&self.0)
    }

    /// All names and texts in turn, in a fixed order.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        self.0.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]).collect()
    }

    /// The name and text of the vendor's identifier, if it is there and not empty.
    #[must_use]
    pub fn vendor_identifier(&self) -> Option<[&str; 2]> {
        let found = |name: &'static str| self.0.get(name).map(|text| [name, text.as_str()]);
        VENDOR_IDENTIFIERS.into_iter().find_map(found).filter(|[_, text]| !text.is_empty())
    }
}

impl DeviceMetadata {
    pub(crate) fn stored_bytes(&self) -> usize {
        stored_bytes(&self.0)
    }

    /// Whether there is no metadata.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The size in DynamoDB: names and texts in bytes, and 1 byte for each pair.
fn stored_bytes(texts: &BTreeMap<String, String>) -> usize {
    texts.iter().map(|(name, text)| 1 + name.len() + text.len()).sum()
}

impl<'de> Deserialize<'de> for Signals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Texts { max_length: 512 }).map(Self)
    }
}

impl<'de> Deserialize<'de> for DeviceMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = deserializer.deserialize_any(Texts { max_length: 1024 })?;
        let size = serde_json::to_vec(&texts).map_or(usize::MAX, |text| text.len());
        if size > 4096 {
            Err(D::Error::custom("must be at most 4096 bytes as JSON"))
        } else {
            Ok(Self(texts))
        }
    }
}

/// Deserializes an object of texts. `null` is accepted as an empty object, and so is an empty array, because
/// one app sends it (S5). A text that is `null` is left out.
struct Texts {
    max_length: usize,
}

/// The maximum number of texts.
const MAX_TEXTS: usize = 32;
/// The maximum length of a name in characters.
const MAX_NAME_LENGTH: usize = 64;
/// The prefix of names with a special meaning in `serde_json`. Stored names are read back, possibly by a
/// library that gives them this meaning.
const RESERVED_PREFIX: &str = "$serde_json::private::";

impl<'de> Visitor<'de> for Texts {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(BTreeMap::new()),
            Some(_) => Err(A::Error::custom("must be an object of texts")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut texts = BTreeMap::new();
        let mut seen = 0;
        while let Some((name, text)) = map.next_entry::<String, Option<String>>()? {
            if name.starts_with(RESERVED_PREFIX) {
                return Err(A::Error::custom(format!("a name must not begin with {RESERVED_PREFIX}")));
            }
            seen += 1;
            let length = text.as_deref().map_or(0, |text| text.chars().count());
            let fits = (1..=MAX_NAME_LENGTH).contains(&name.chars().count()) && length <= self.max_length;
            if !fits || seen > MAX_TEXTS {
                let (most, max_length) = (MAX_TEXTS, self.max_length);
                let rule =
                    format!("must be at most {most} texts of {max_length} characters, with names of 64");
                return Err(A::Error::custom(rule));
            }
            if texts.insert(name, text).is_some() {
                return Err(A::Error::custom("a name is repeated"));
            }
        }
        Ok(texts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signals(text: &str) -> Option<Vec<String>> {
        let read = serde_json::from_str::<Signals>(text).ok();
        read.map(|signals| signals.parts().into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn s5_signals_are_texts_in_a_fixed_order() {
        assert_eq!(signals(r#"{"b":"2","a":"1","c":null}"#).unwrap(), ["a", "1", "b", "2"]);
        for none in ["null", "[]", "{}"] {
            assert_eq!(signals(none).unwrap(), [""; 0], "{none}");
        }
        let many =
            |number: usize| json!((0..number).map(|it| (it.to_string(), "x")).collect::<BTreeMap<_, _>>());
        assert!(signals(&many(32).to_string()).is_some());
        for bad in [
            &many(33).to_string(),
            r#"{"a":1}"#,
            r#"{"a":{}}"#,
            r#"{"a":"1","a":"2"}"#,
            r#"{"a":null,"a":null}"#,
            r#"{"":"x"}"#,
            r#"["x"]"#,
            r#""x""#,
            "1",
            "true",
            &json!({ "a": "x".repeat(513) }).to_string(),
            &json!({ "a".repeat(65): "x" }).to_string(),
        ] {
            assert!(signals(bad).is_none(), "{bad:.80}");
        }
    }

    #[test]
    fn s5_names_with_a_meaning_in_json_libraries_are_refused() {
        for name in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
            let text = format!(r#"{{"{name}":"{{}}"}}"#);
            assert!(signals(&text).is_none(), "{name}");
            assert!(serde_json::from_str::<DeviceMetadata>(&text).is_err(), "{name}");
        }
        assert_eq!(signals(r#"{"$serde_json":"x"}"#).unwrap(), ["$serde_json", "x"]);
    }

    #[test]
    fn s5_metadata_has_at_most_4096_bytes() {
        let read = |size: usize| {
            let texts: BTreeMap<_, _> = (0..4).map(|it| (it.to_string(), "x".repeat(size))).collect();
            serde_json::from_str::<DeviceMetadata>(&json!(texts).to_string()).is_ok()
        };
        assert!(read(1016) && !read(1017));
    }

    #[test]
    fn s6_the_vendor_s_identifier_is_found() {
        let read = |text: &str| serde_json::from_str::<Signals>(text).unwrap();
        let ios = read(r#"{"a":"1","iosVendorIdentifier":"X"}"#);
        assert_eq!(ios.vendor_identifier(), Some(["iosVendorIdentifier", "X"]));
        assert_eq!(read(r#"{"iosVendorIdentifier":"","a":"1"}"#).vendor_identifier(), None);
    }
}
