//! Constant-time comparison of short texts whose lengths are secret too (X7).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

/// The maximum length of a text that can be equal to another, in bytes: 256 characters of UTF-8 have at most 1024.
const MAX_BYTES: usize = 1024;

/// Whether two texts are equal. The time depends neither on their content nor on their lengths: both are copied into
/// buffers of one size, with their lengths at the end. A text longer than 1024 bytes is equal to none.
#[must_use]
pub fn constant_time_eq(one: &str, other: &str) -> bool {
    let are_short = one.len() <= MAX_BYTES && other.len() <= MAX_BYTES;
    let same = verify_slices_are_equal(&*fixed_size(one), &*fixed_size(other)).is_ok();
    are_short & same
}

fn fixed_size(text: &str) -> Zeroizing<[u8; MAX_BYTES + 8]> {
    let mut bytes = Zeroizing::new([0; MAX_BYTES + 8]);
    let (texts, length) = bytes.split_at_mut(MAX_BYTES);
    for (at, to) in texts.iter_mut().enumerate() {
        *to = text.as_bytes().get(at).copied().unwrap_or_default();
    }
    length.copy_from_slice(&(text.len() as u64).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x7_texts_of_any_lengths_are_compared() {
        let long = "x".repeat(1024);
        for (one, other, equal) in [
            ("", "", true),
            ("a", "a", true),
            ("a", "b", false),
            ("a", "", false),
            ("a", "a\0", false),
            ("ab", "a", false),
            (&*long, &*long, true),
            (&*long, &long[1..], false),
        ] {
            assert_eq!(constant_time_eq(one, other), equal, "{} {}", one.len(), other.len());
        }
        let (one, other) = (long.clone() + "a", long + "b");
        assert!(!constant_time_eq(&one, &other) && !constant_time_eq(&one, &one));
    }
}
