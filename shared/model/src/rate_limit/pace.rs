//! How fast requests arrive at a bucket in one process.

/// A longer gap counts as this, in microseconds. Nothing is leased at such gaps, and one of them must not hide the gaps
/// that follow.
const MAX_GAP: i64 = 20_000_000;

/// The mean time between the latest requests. The newest gap has a weight of one quarter, and the mean before it three.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last_request: Option<i64>,
    mean_gap: Option<i64>,
}

impl Pace {
    /// Adds a request at the time `now`, in microseconds since 1970.
    pub(super) fn add(&mut self, now: i64) {
        if let Some(last) = self.last_request.replace(now) {
            let gap = (now - last).clamp(0, MAX_GAP);
            self.mean_gap = Some(self.mean_gap.map_or(gap, |mean| (3 * mean + gap) / 4));
        }
    }

    /// The mean gap in microseconds, at least 1. `None` before the second request.
    pub(super) fn mean_gap(&self) -> Option<i64> {
        self.mean_gap.map(|gap| gap.max(1))
    }
}
