//! A clock that stands still until it is turned on, so that a rate limit's bucket is as full as a measurement wants it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::Clock;
use model::{SignedDuration, Timestamp};

/// The time, in milliseconds since 1970. Its copies are one dial.
#[derive(Debug, Clone)]
pub(crate) struct Dial(Arc<AtomicI64>);

impl Dial {
    /// A dial at the system's time.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(Timestamp::now().as_millisecond())))
    }

    /// The clock that tells its time.
    pub(crate) fn clock(&self) -> Clock {
        let dial = self.clone();
        Clock::new(move || dial.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Lets so much time pass.
    pub(crate) fn turn(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::Relaxed);
    }
}
