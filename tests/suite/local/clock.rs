//! A clock that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::Clock;
use model::{Moment, SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use tokenbooth::Options;

use crate::support::call::{Answer, now};
use crate::support::tenant::Key;
use crate::support::world::{World, options};

/// The clock of a booth. It shows the same time until the test sets it.
#[derive(Debug, Clone)]
pub(super) struct TestClock(Arc<AtomicI64>);

/// A booth with a test clock that shows the current second, and a cache of `cache_seconds`.
pub(super) fn world_with_clock(cache_seconds: i64) -> (World, TestClock) {
    let test_clock = TestClock::new();
    let cache = SignedDuration::from_secs(cache_seconds);
    (World::own(Options { clock: test_clock.for_function(), cache, ..options() }), test_clock)
}

impl TestClock {
    /// A clock that shows the current second.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(now() * 1000)))
    }

    /// This clock for a function.
    pub(super) fn for_function(&self) -> Clock {
        let millis = self.0.clone();
        Clock::new(move || {
            Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).expect("a time within bounds")
        })
    }

    /// Moves the clock forward.
    pub(super) fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// The time of the clock in microseconds since 1970.
    pub(super) fn unix_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst) * 1000
    }

    /// The time of the clock in Unix seconds.
    pub(super) fn unix_second(&self) -> i64 {
        self.0.load(Ordering::SeqCst).div_euclid(1000)
    }

    /// The RFC 3339 timestamp `seconds` after the time of the clock, as the Admin API writes it.
    pub(super) fn timestamp_in(&self, seconds: i64) -> String {
        let time = Timestamp::from_second(self.unix_second() + seconds).expect("a time within bounds");
        Moment::from(time).to_string()
    }

    /// Sets the clock to this Unix second.
    pub(super) fn set(&self, second: i64) {
        self.0.store(second * 1000, Ordering::SeqCst);
    }

    /// Requests a token at `path`, signed by `key` with the time of the clock.
    pub(super) async fn request_token(&self, world: &World, path: &str, key: &Key) -> Answer {
        world.post(path).signed_at(key, self.unix_second()).send().await
    }

    /// Sends a PATCH as the demo customer's administrator, signed with the time of the clock.
    pub(super) async fn change(&self, world: &World, path: &str, body: &Value) -> Answer {
        let call = world.call(Method::PATCH, path).with_token_of(&world.demo.admin_key);
        call.json(body).send().await
    }
}
