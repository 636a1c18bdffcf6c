//! A clock that stands still until it is told to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::Clock;
use model::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use tokenbooth::Options;

use crate::support::call::{Answer, now};
use crate::support::tenant::Key;
use crate::support::world::{World, options};

/// The hands of a booth's clock.
#[derive(Debug, Clone)]
pub(super) struct Hands(Arc<AtomicI64>);

/// A booth whose clock stands at the whole second now, and remembers reads for `cache` seconds.
pub(super) fn world(cache: i64) -> (World, Hands) {
    let hands = Hands(Arc::new(AtomicI64::new(now() * 1000)));
    let millis = hands.0.clone();
    let clock = Clock::new(move || {
        Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).expect("a time within bounds")
    });
    let cache = SignedDuration::from_secs(cache);
    (World::own(Options { clock, cache, ..options() }), hands)
}

impl Hands {
    /// The Unix second they stand at.
    pub(super) fn second(&self) -> i64 {
        self.0.load(Ordering::SeqCst).div_euclid(1000)
    }

    /// The moment `seconds` from where they stand, as JSON has it.
    pub(super) fn moment_in(&self, seconds: i64) -> String {
        Timestamp::from_second(self.second() + seconds).expect("a time within bounds").to_string()
    }

    /// Puts them at that Unix second.
    pub(super) fn put_at(&self, second: i64) {
        self.0.store(second * 1000, Ordering::SeqCst);
    }

    /// A token request by `key`, signed at the time they tell.
    pub(super) async fn token(&self, world: &World, path: &str, key: &Key) -> Answer {
        world.post(path).signed_at(key, self.second()).send().await
    }

    /// A change by the demo customer's administrator, signed at the time they tell.
    pub(super) async fn change(&self, world: &World, path: &str, body: &Value) -> Answer {
        let call = world.call(Method::PATCH, path).signed_at(&world.demo.admin_key, self.second());
        call.json(body).send().await
    }
}
