//! Whole numbers from JSON: `2.0` is accepted as `2`, a fraction is not.

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer};

/// `number` as an integer, if it is whole and within `range`.
pub(crate) fn whole(number: f64, range: RangeInclusive<u32>) -> Option<u32> {
    let integer = number as u32;
    (f64::from(integer) == number && range.contains(&integer)).then_some(integer)
}

/// Deserializes a whole number. Any other number becomes 0, for types that refuse 0 with their own message.
pub(crate) fn whole_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    f64::deserialize(deserializer).map(|number| whole(number, 0..=u32::MAX).unwrap_or_default())
}

/// Defines types for whole numbers within a range, and the message for other numbers.
macro_rules! whole_number {
    ($($(#[$doc:meta])* $name:ident, $range:expr, $message:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "f64", into = "u32")]
        pub struct $name(u32);

        impl TryFrom<f64> for $name {
            type Error = &'static str;
            fn try_from(number: f64) -> Result<Self, &'static str> {
                crate::number::whole(number, $range).map(Self).ok_or($message)
            }
        }

        impl From<$name> for u32 {
            fn from(number: $name) -> Self {
                number.0
            }
        }
    )+};
}
pub(crate) use whole_number;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_within_the_range_are_accepted() {
        for (number, expected) in [
            (1.0, Some(1)),
            (9.0, Some(9)),
            (0.0, None),
            (10.0, None),
            (1.5, None),
            (-1.0, None),
            (1e300, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(whole(number, 1..=9), expected, "{number}");
        }
    }
}
