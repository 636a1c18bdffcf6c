//! Timestamps in JSON: in UTC, with exactly three digits for milliseconds.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A timestamp in whole milliseconds. It is written in UTC with three digits after the point. It is parsed with any
/// offset and precision, and rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl From<Timestamp> for Moment {
    fn from(exact: Timestamp) -> Self {
        let millisecond = exact.as_nanosecond().div_euclid(1_000_000);
        let rounded = i64::try_from(millisecond).ok().and_then(|it| Timestamp::from_millisecond(it).ok());
        Self(rounded.unwrap_or(exact))
    }
}

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_a_moment_has_milliseconds() {
        for (read, written) in [
            ("2026-11-21T09:15:00Z", "2026-11-21T09:15:00.000Z"),
            ("2026-11-21T10:15:00.12+01:00", "2026-11-21T09:15:00.120Z"),
            ("2026-11-21T09:15:00.123999999Z", "2026-11-21T09:15:00.123Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            let moment: Moment = serde_json::from_str(&format!("\"{read}\"")).unwrap();
            assert_eq!(serde_json::to_string(&moment).unwrap(), format!("\"{written}\""), "{read}");
        }
    }
}
