//! Calls at random times, the same in each run.

use fastrand::Rng;
use model::SignedDuration;

use crate::limits::random::random_gap;
use crate::limits::routing::{Router, Routing};

/// The seed of all random numbers.
const SEED: u64 = 8;

/// Calls that arrive independently of each other (a Poisson process), and the processes that answer them.
pub(crate) struct Arrivals {
    random: Rng,
    per_second: f64,
    now: i64,
    router: Router,
}

/// One call.
pub(crate) struct Arrival {
    /// The time since the call before it.
    pub(crate) gap: SignedDuration,
    /// The number of the process that answers it.
    pub(crate) process: usize,
}

impl Arrivals {
    pub(crate) fn new(per_second: f64, routing: Routing) -> Self {
        let router = Router::new(routing, Rng::with_seed(SEED + 1));
        Self { random: Rng::with_seed(SEED), per_second, now: 0, router }
    }

    pub(crate) fn next(&mut self) -> Arrival {
        let gap = random_gap(&mut self.random, self.per_second);
        self.now += gap;
        Arrival { gap: SignedDuration::from_micros(gap), process: self.router.route(self.now) }
    }
}
