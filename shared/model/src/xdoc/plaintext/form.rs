//! Plaintexts in the format `application/x-www-form-urlencoded` (X2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::xdoc::plaintext::parsed::{LEADING_BLANKS, MAX_PAIRS, Parsed, ParserWork};
use crate::{Field, PlaintextError};

/// Every character except the unreserved ones is escaped, in a form and in a URL (RFC 3986, 2.3).
pub(crate) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parses `Name=value&…`. A few empty pairs are skipped. Escapes must give UTF-8.
pub(crate) fn parse(text: &str) -> Parsed {
    let body = text.trim_start_matches(LEADING_BLANKS);
    let mut found = Vec::new();
    let mut work = ParserWork { bytes: text.len() - body.len(), ..ParserWork::default() };
    for pair in body.split('&') {
        work.bytes = text.len().min(work.bytes + pair.len() + 1);
        // An escape has three bytes. A `%` that begins no escape must not count for more.
        work.marks += pair.matches('%').count().min(pair.len() / 3);
        let parts = pair.split_once('=').and_then(|(name, value)| Some((decode(name)?, decode(value)?)));
        if parts.is_none() && !pair.is_empty() || work.pairs == MAX_PAIRS {
            return Parsed { pairs: Err(PlaintextError::Form), work };
        }
        work.pairs += 1;
        found.extend(parts);
    }
    Parsed { pairs: Ok(found), work }
}

/// Writes `Name=value&…`. A space becomes `%20`, which every parser accepts.
pub(crate) fn write<'f>(fields: impl Iterator<Item = (Field, &'f str)>) -> String {
    let pairs = fields.map(|(field, text)| format!("{field}={}", utf8_percent_encode(text, ESCAPED)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Decodes byte by byte, so that texts with and without escapes take the same time.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    String::from_utf8(percent_decode_str(&spaced).collect()).ok()
}
