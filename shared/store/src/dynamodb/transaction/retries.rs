//! When a transaction is sent again after a conflict with another one.

use std::time::{Duration, Instant};

/// How often a transaction is sent.
const ATTEMPTS: u32 = 12;
/// The bound of the first wait. Each further one has twice the bound of the one before it.
const FIRST: Duration = Duration::from_millis(25);
/// The highest bound of a wait.
const LONGEST: Duration = Duration::from_millis(800);
/// No wait ends later than this after the first attempt began. A call of the SDK has the same time for all its attempts.
const TOTAL: Duration = Duration::from_secs(4);

/// The attempts of one transaction. The waits between them are random ("full jitter"), because transactions that
/// conflicted once would otherwise meet again.
#[derive(Debug)]
pub(crate) struct Retries {
    began: Instant,
    attempts: u32,
}

impl Retries {
    /// Begins with the first attempt.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), attempts: 1 }
    }

    /// Waits for the next attempt. Returns `false`, without waiting, if there is none left.
    pub(crate) async fn wait(&mut self) -> bool {
        let Some(wait) = wait(self.attempts, self.began.elapsed(), fastrand::f64()) else { return false };
        tokio::time::sleep(wait).await;
        self.attempts += 1;
        true
    }
}

/// The wait after this number of attempts, which took `elapsed` in all. `random` is between 0 and 1. Returns `None` if
/// there is no further attempt.
fn wait(attempts: u32, elapsed: Duration, random: f64) -> Option<Duration> {
    let bound = FIRST.saturating_mul(1 << (attempts - 1).min(16)).min(LONGEST);
    let wait = bound.mul_f64(random);
    (attempts < ATTEMPTS && elapsed + wait <= TOTAL).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_the_waits_are_random_up_to_a_growing_bound() {
        let at = |random| (1..=8).map(move |attempts| wait(attempts, Duration::ZERO, random));
        let millis = |random| at(random).map(|wait| wait.unwrap().as_millis()).collect::<Vec<_>>();
        assert_eq!(millis(1.0), [25, 50, 100, 200, 400, 800, 800, 800]);
        assert_eq!(millis(0.5), [12, 25, 50, 100, 200, 400, 400, 400]);
        assert_eq!(millis(0.0), [0; 8]);
    }

    #[test]
    fn a4_the_attempts_end_in_number_and_in_time() {
        assert!(wait(ATTEMPTS - 1, Duration::ZERO, 1.0).is_some());
        assert!(wait(ATTEMPTS, Duration::ZERO, 0.0).is_none());
        assert!(wait(1, TOTAL - FIRST, 1.0).is_some());
        assert!(wait(1, TOTAL, 0.1).is_none(), "a wait would end too late");
    }
}
