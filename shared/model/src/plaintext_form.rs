//! Plaintexts as form-url (X2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::plaintext::{BLANKS, Reading};
use crate::{Plaintext, Unreadable};

/// What stands for itself, in a form and in a URL (RFC 3986, 2.3).
pub(crate) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Reads `Name=value&…`. Empty pairs are passed over; what is escaped must be UTF-8.
pub(crate) fn read(text: &str) -> Reading {
    let (mut pairs, mut bytes) = (Vec::new(), 0);
    for pair in text.trim_start_matches(BLANKS).split('&') {
        bytes += pair.len() + 1;
        if pair.is_empty() {
            continue;
        }
        let Some((name, value)) =
            pair.split_once('=').and_then(|(name, value)| Some((decode(name)?, decode(value)?)))
        else {
            return Reading { pairs: Err(Unreadable::Form), bytes: bytes.min(text.len()) };
        };
        pairs.push((name, value));
    }
    Reading { pairs: Ok(pairs), bytes: text.len() }
}

/// `Name=value&…`, with `%20` for a blank, which every reader takes.
pub(crate) fn write(plaintext: &Plaintext) -> String {
    let pairs =
        plaintext.texts().map(|(field, text)| format!("{field}={}", utf8_percent_encode(text, ESCAPED)));
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}
