//! Plaintexts in JSON: a flat object, or an object with one member for each kind of token (X2).

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};

use crate::xdoc::plaintext::parsed::{MAX_PAIRS, Parsed, ParserWork, SECURITY, USER};
use crate::{Field, PlaintextError};

/// Parses an object of texts. `{"SecurityToken": {…}, "UserToken": {…}}` gives the fields of both members
/// (X2).
pub(crate) fn parse(text: &str) -> Parsed {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = text.get(start..).unwrap_or_default();
    let mut pairs = Vec::new();
    let mut json = serde_json::Deserializer::from_str(body);
    let read = Object { pairs: &mut pairs, is_outer: true }.deserialize(&mut json).and_then(|()| json.end());
    let bytes =
        read.as_ref().map_or_else(|error| position(body, error.line(), error.column()), |()| body.len());
    let bytes = (start + bytes).min(text.len());
    let marks = escapes(text.as_bytes().get(start..bytes).unwrap_or_default());
    let work = ParserWork { bytes, pairs: pairs.len(), marks };
    Parsed { pairs: read.map(|()| pairs).map_err(|_| PlaintextError::Json), work }
}

/// Counts the escapes.
fn escapes(text: &[u8]) -> usize {
    let mut is_open = false;
    let begins = |byte: &&u8| {
        is_open = **byte == b'\\' && !is_open;
        is_open
    };
    text.iter().filter(begins).count()
}

/// Converts a line and column of `serde_json` into a byte position. Its columns count bytes.
fn position(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    before.map(str::len).sum::<usize>() + column
}

/// Collects the members of an object. Values must be texts or, at the outer level, an object of texts, so
/// that nothing nests deeper.
struct Object<'p> {
    pairs: &'p mut Vec<(String, String)>,
    is_outer: bool,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut parts = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if self.pairs.len() == MAX_PAIRS {
                return Err(A::Error::custom("too many fields"));
            }
            if self.is_outer && (name == SECURITY || name == USER) {
                if parts.contains(&name) {
                    return Err(A::Error::custom("a part is repeated"));
                }
                let is_before = self.pairs.len();
                map.next_value_seed(Object { pairs: self.pairs, is_outer: false })?;
                let mut inside = self.pairs.iter().skip(is_before).filter_map(|(name, _)| Field::named(name));
                if inside.any(|field| field.is_security() != (name == SECURITY)) {
                    return Err(A::Error::custom("a field belongs to the other part"));
                }
                parts.push(name);
            } else {
                let text = map.next_value()?;
                self.pairs.push((name, text));
            }
        }
        Ok(())
    }
}
