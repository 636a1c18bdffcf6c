//! Compares the requests that passed with the bound.

use model::RateLimit;

/// How many tokens more than the bound were spent in the worst window `w`: the bound is the number of requests of `limit`,
/// and one more for each interval of `w + slack`. `times` are in milliseconds, `slack` is in microseconds.
pub(crate) fn excess(limit: RateLimit, slack: i64, times: &mut [i64]) -> f64 {
    times.sort_unstable();
    let interval = limit.interval_micros();
    let (mut worst, mut refilled_at) = (i64::MIN, i64::MIN);
    for time in times.iter().map(|millis| millis * 1_000) {
        refilled_at = refilled_at.max(time) + interval;
        worst = worst.max(refilled_at - time - limit.duration_micros() - slack);
    }
    worst as f64 / interval as f64
}

/// The bound for the time between the first and the last of the sorted `times`, in requests.
pub(crate) fn bound(limit: RateLimit, slack: i64, times: &[i64]) -> i64 {
    let first_and_last = times.first().zip(times.last());
    let window = first_and_last.map_or(0, |(first, last)| (last - first) * 1_000);
    i64::from(limit.requests()) + (window + slack) / limit.interval_micros()
}
