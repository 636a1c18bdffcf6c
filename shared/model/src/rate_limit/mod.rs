//! Rate limits: token buckets, configured as a number of requests per number of seconds.

mod lease;
mod pace;
#[cfg(test)]
mod proof;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::number::whole_or_zero;
use crate::object::Object;

pub use lease::{BucketWrite, Decision, Lease, Take, Token};

/// A bucket that holds `requests` tokens. It refills evenly, and is full again after `seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Object<RateLimitFields>", into = "RateLimitFields")]
pub struct RateLimit {
    requests: u32,
    seconds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimitFields {
    #[serde(deserialize_with = "whole_or_zero")]
    requests: u32,
    #[serde(deserialize_with = "whole_or_zero")]
    seconds: u32,
}

impl RateLimit {
    /// `requests` per minute, for the defaults of routes.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self { requests, seconds: 60 }
    }

    /// `requests` per hour, for what unauthenticated callers can cause.
    #[must_use]
    pub const fn per_hour(requests: u32) -> Self {
        Self { requests, seconds: 3600 }
    }

    /// A limit that satisfies both limits: the smaller burst, and the slower refill.
    #[must_use]
    pub fn stricter_with(self, other: Self) -> Self {
        let requests = self.requests.min(other.requests);
        let seconds = |limit: Self| {
            let of_them = u64::from(limit.seconds) * u64::from(requests);
            u32::try_from(of_them.div_ceil(u64::from(limit.requests.max(1)))).unwrap_or(u32::MAX)
        };
        Self { requests, seconds: seconds(self).max(seconds(other)) }
    }

    /// The number of tokens in a full bucket.
    #[must_use]
    pub const fn requests(self) -> u32 {
        self.requests
    }

    /// The number of seconds after which an empty bucket is full again.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// The time in which one token is refilled, in microseconds. It is rounded up, so that a bucket never
    /// gives too many tokens.
    #[must_use]
    pub fn interval_micros(self) -> i64 {
        let (window, requests) = (i64::from(self.seconds) * 1_000_000, i64::from(self.requests.max(1)));
        (window + requests - 1) / requests
    }

    /// The state of a bucket that is full again at `full_at`, in microseconds since 1970: the number of
    /// tokens left, and the number of seconds until the bucket is full.
    #[must_use]
    pub fn remaining(self, full_at: i64, now: Timestamp) -> (u32, u32) {
        let missing = (full_at - now.as_microsecond()).max(0);
        let taken = (missing + self.interval_micros() - 1) / self.interval_micros();
        let left = (i64::from(self.requests) - taken).max(0);
        (u32::try_from(left).unwrap_or_default(), seconds(missing))
    }

    /// The time in which an empty bucket is refilled token by token, in microseconds. Because an interval is rounded up,
    /// this can be longer than `seconds`.
    #[must_use]
    pub fn duration_micros(self) -> i64 {
        self.interval_micros() * i64::from(self.requests)
    }
}

/// Converts microseconds to seconds and rounds up.
fn seconds(micros: i64) -> u32 {
    u32::try_from((micros.max(0) + 999_999) / 1_000_000).unwrap_or(u32::MAX)
}

impl TryFrom<Object<RateLimitFields>> for RateLimit {
    type Error = &'static str;

    fn try_from(
        Object(RateLimitFields { requests, seconds }): Object<RateLimitFields>,
    ) -> Result<Self, &'static str> {
        let is_in_range = (1..=1_000_000).contains(&requests) && (1..=86_400).contains(&seconds);
        if is_in_range {
            Ok(Self { requests, seconds })
        } else {
            Err("must be 1 to 1000000 requests in 1 to 86400 seconds")
        }
    }
}

impl From<RateLimit> for RateLimitFields {
    fn from(RateLimit { requests, seconds }: RateLimit) -> Self {
        Self { requests, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_the_stricter_of_two_limits_satisfies_both() {
        let limit = |requests, seconds| RateLimit { requests, seconds };
        for (one, other, both) in [
            (limit(60, 60), limit(6000, 60), limit(60, 60)),
            (limit(60, 60), limit(3, 86_400), limit(3, 86_400)),
            (limit(60, 60), limit(1000, 86_400), limit(60, 5184)),
            (limit(60, 60), limit(7, 1), limit(7, 7)),
            (limit(60, 60), limit(7, 60), limit(7, 60)),
            (limit(60, 60), limit(1_000_000, 1), limit(60, 60)),
        ] {
            assert_eq!(
                (one.stricter_with(other), other.stricter_with(one)),
                (both, both),
                "{one:?} {other:?}"
            );
        }
    }

    #[test]
    fn a_bucket_shows_its_remaining_tokens_and_when_it_is_full() {
        let (limit, now) = (RateLimit::per_minute(20), Timestamp::from_second(1_000).unwrap());
        let at = |seconds: i64| now.as_microsecond() + seconds * 1_000_000;
        for (full_in, left, reset) in
            [(-5, 20, 0), (0, 20, 0), (1, 19, 1), (3, 19, 3), (4, 18, 4), (60, 0, 60)]
        {
            assert_eq!(limit.remaining(at(full_in), now), (left, reset), "{full_in}");
        }
    }

    #[test]
    fn a_limit_outside_its_range_is_refused() {
        let read = |text| serde_json::from_str::<RateLimit>(text);
        for good in [r#"{"requests":20,"seconds":60}"#, r#"{"requests":20.0,"seconds":6e1}"#] {
            assert_eq!(read(good).unwrap(), RateLimit::per_minute(20), "{good}");
        }
        for bad in [
            r#"{"requests":0,"seconds":60}"#,
            r#"{"requests":1000001,"seconds":60}"#,
            r#"{"requests":1,"seconds":0}"#,
            r#"{"requests":1,"seconds":86401}"#,
            "[20,60]",
            r#"{"requests":1}"#,
            r#"{"requests":1.5,"seconds":60}"#,
            r#"{"requests":-1,"seconds":60}"#,
            r#"{"requests":1e300,"seconds":60}"#,
            r#"{"requests":"1","seconds":60}"#,
            r#"{"requests":1,"seconds":1,"burst":1}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
