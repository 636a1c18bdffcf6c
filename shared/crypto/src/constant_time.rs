//! Comparing short texts whose lengths are nobody's business either (X7).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

/// Longer texts are equal to none; 256 characters have at most 1024 bytes.
const LONGEST: usize = 1024;

/// Whether two texts are the same, in a time that tells nothing of either, not even how long it is: both are laid out
/// on as many bytes, their lengths behind them.
#[must_use]
pub fn constant_time_eq(one: &str, other: &str) -> bool {
    let fit = one.len() <= LONGEST && other.len() <= LONGEST;
    let same = verify_slices_are_equal(&*laid_out(one), &*laid_out(other)).is_ok();
    fit & same
}

fn laid_out(text: &str) -> Zeroizing<[u8; LONGEST + 8]> {
    let mut bytes = Zeroizing::new([0; LONGEST + 8]);
    let (texts, length) = bytes.split_at_mut(LONGEST);
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
    fn x7_texts_are_equal_or_not_whatever_their_lengths() {
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
