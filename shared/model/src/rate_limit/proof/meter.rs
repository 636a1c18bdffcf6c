//! Compares the number of spent tokens in every window of time with the bound.

use crate::rate_limit::RateLimit;

/// Requests that pass at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spend {
    /// In microseconds since 1970.
    pub(super) time: i64,
    pub(super) tokens: i64,
}

/// The time by which the spends exceed the bound `requests + (w + slack) / interval` in the worst window `w`, in
/// microseconds. It is at most 0 if the bound holds, and 0 if it is reached exactly.
///
/// `spends` must be in the order of time. Then `owed` is, for the worst window that ends now, the time that its tokens need
/// to be refilled, less the length of the window.
pub(super) fn excess(limit: RateLimit, slack: i64, spends: &[Spend]) -> i64 {
    let interval = limit.interval_micros();
    let (mut worst, mut refilled_at) = (i64::MIN, i64::MIN);
    for Spend { time, tokens } in spends.iter().filter(|spend| spend.tokens > 0) {
        refilled_at = refilled_at.max(*time) + tokens * interval;
        let owed = refilled_at - time;
        worst = worst.max(owed - limit.duration_micros() - slack);
    }
    worst
}

#[test]
fn the_meter_finds_the_worst_window_of_all() {
    let limit = RateLimit { requests: 3, seconds: 30 };
    let spends = |times: &[i64]| -> Vec<Spend> {
        times.iter().map(|second| Spend { time: second * 1_000_000, tokens: 1 }).collect()
    };
    for (times, excess_seconds) in [
        (&[0, 0, 0][..], 0),
        (&[0, 0, 0, 0], 10),
        (&[0, 0, 0, 9], 1),
        (&[0, 0, 0, 10], 0),
        (&[0, 0, 0, 11], 0), // the first three are the worst window
        (&[0, 100, 100, 100, 105], 5),
        (&[0, 10, 20, 30], -20),
    ] {
        assert_eq!(excess(limit, 0, &spends(times)), excess_seconds * 1_000_000, "{times:?}");
        assert_eq!(excess(limit, 2_000_000, &spends(times)), (excess_seconds - 2) * 1_000_000, "{times:?}");
    }
}
