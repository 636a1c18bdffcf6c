//! The field `GenDT` of security tokens (X2, X6, X7).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a token was generated: RFC 3339 with `Z` or an offset. The text is kept as it was written (X7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GenDt {
    text: String,
    at: Timestamp,
}

impl GenDt {
    /// `now` in UTC, without fractions of a second (X6).
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { text: at.to_string(), at }
    }

    /// The time.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for GenDt {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let rule = "must be a date and time with an offset or Z, as in 2023-03-08T14:15:53-08:00";
        // `jiff` accepts more than RFC 3339: a space for the T, short offsets, names of time zones.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte));
        let offset = text.get(19..).and_then(|rest| rest.find(['Z', '+', '-']).and_then(|at| rest.get(at..)));
        let is_whole = offset.is_some_and(|offset| offset == "Z" || offset.len() == "+00:00".len());
        if !is_plain || !is_whole || text.len() > 40 {
            return Err(rule);
        }
        let at = text.parse().map_err(|_| rule)?;
        Ok(Self { text, at })
    }
}

impl From<GenDt> for String {
    fn from(gen_dt: GenDt) -> Self {
        gen_dt.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x7_gen_dt_needs_an_offset_or_z() {
        let read = |text: &str| GenDt::try_from(text.to_owned());
        for (text, second) in [
            ("2023-03-08T14:15:53-08:00", 1_678_313_753),
            ("2023-03-08T22:15:53Z", 1_678_313_753),
            ("2023-03-09T03:45:53.1234567+05:30", 1_678_313_753),
        ] {
            let gen_dt = read(text).unwrap();
            assert_eq!((gen_dt.at().as_second(), gen_dt.as_str()), (second, text));
        }
        for bad in [
            "",
            "2023-03-08T14:15:53",
            "2023-03-08T14:15Z",
            "2023-03-08 14:15:53Z",
            "2023-03-08T14:15:53-08",
            "2023-03-08T14:15:53-0800",
            "2023-03-08T14:15:53z",
            "2023-03-08T14:15:53-08:00[America/Los_Angeles]",
            "2023-02-30T14:15:53Z",
            "2023-03-08T25:15:53Z",
            "20230308T141553Z",
            "2023-03-08",
            "1678313753",
            "2023-03-08T14:15:53.12345678901234567890123Z",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn x6_gen_dt_defaults_to_now_in_whole_seconds() {
        let gen_dt = GenDt::new("2027-01-15T08:00:00.987Z".parse().unwrap());
        assert_eq!(gen_dt.as_str(), "2027-01-15T08:00:00Z");
        assert_eq!(GenDt::try_from(gen_dt.as_str().to_owned()).unwrap(), gen_dt);
    }
}
