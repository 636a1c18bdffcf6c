//! The time between the steps of a history.

use crate::rate_limit::proof::process::Process;
use crate::rate_limit::proof::world::World;

impl World {
    /// The time until the next step.
    pub(super) fn pause(&mut self) -> i64 {
        let (interval, duration) =
            (self.history.limit.interval_micros(), self.history.limit.duration_micros());
        match self.random.below(20) {
            0..8 => 0,
            8..10 => self.random.below(interval),
            10..12 => interval * self.random.below(5),
            12..14 => self.random.below(20_000),
            14 => self.random.below(duration / 8),
            15 => self.random.below(duration),
            16 if self.random.percent(20) => self.until(self.bucket.end()),
            _ => self.until_the_end_of_a_lease(),
        }
    }

    /// The time until a moment at which one of the last tokens of a process can no longer be spent.
    fn until_the_end_of_a_lease(&mut self) -> i64 {
        let process = self.random.below(self.processes.len() as i64) as usize;
        let Process { lease_end, clock_error, .. } = self.processes[process];
        let tokens = self.random.one_of(&[0, 1, 1, 1, 2, 3]) * self.history.limit.interval_micros();
        self.until(Some(lease_end - clock_error - tokens))
    }

    /// The time until `moment`, or nearly so.
    fn until(&mut self, moment: Option<i64>) -> i64 {
        (moment.unwrap_or_default() + self.random.one_of(&[-1, 0, 0, 0, 1]) - self.now).max(0)
    }
}
