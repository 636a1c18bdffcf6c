//! Assertions that several tests share.

use std::fmt::Debug;

/// Asserts that there is at least one value and that all values are equal.
#[track_caller]
pub(crate) fn assert_all_equal<T: PartialEq + Debug>(values: &[T]) {
    let first = values.first().expect("a value");
    assert!(values.iter().all(|value| value == first), "not all equal: {values:?}");
}

/// Asserts the form of a secret that scanners can find: the prefix, 52 characters for 256 bits and 7 for the checksum.
#[track_caller]
pub(crate) fn assert_secret_format(secret: &str, prefix: &str) {
    let body = secret.strip_prefix(prefix).expect("the prefix");
    assert!(body.len() == 59 && is_base32(body), "{secret}");
}

pub(crate) fn is_base32(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}
