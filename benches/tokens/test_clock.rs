//! A clock that moves only when it is advanced, so that a measurement controls how full a rate limit's bucket is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::Clock;
use model::{SignedDuration, Timestamp};

/// The time in microseconds since 1970. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that starts at the system's time.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(Timestamp::now().as_microsecond())))
    }

    /// This clock for a function.
    pub(crate) fn for_function(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || clock.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::Relaxed)).unwrap_or_default()
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or_default(), Ordering::Relaxed);
    }
}
