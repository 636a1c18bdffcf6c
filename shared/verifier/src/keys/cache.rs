//! Keeps the public keys, and fetches them again when they are old or lack a key.

use std::sync::{Arc, Mutex, PoisonError};

use crypto::{Algorithm, PublicKeys};
use jiff::{SignedDuration, Timestamp};

use crate::error::KeysUnavailable;
use crate::keys::{FetchError, KeySource, document};

/// For how long keys are used, and how often they are fetched.
#[derive(Debug, Clone, Copy)]
pub struct KeyBounds {
    /// Keys that are older are fetched again.
    pub refresh_after: SignedDuration,
    /// The shortest time between two fetches, whatever key ids the tokens name.
    pub fetch_interval: SignedDuration,
    /// Keys that are older are not used, even if the fetch fails.
    pub keep_for: SignedDuration,
}

impl Default for KeyBounds {
    /// Fetches after 5 minutes, at most once in 30 seconds, and keeps the keys for an hour if the fetch fails.
    fn default() -> Self {
        Self {
            refresh_after: SignedDuration::from_mins(5),
            fetch_interval: SignedDuration::from_secs(30),
            keep_for: SignedDuration::from_hours(1),
        }
    }
}

/// The keys of one issuer for one algorithm.
#[derive(Debug)]
pub(crate) struct KeyCache<S> {
    source: S,
    algorithm: Algorithm,
    bounds: KeyBounds,
    state: Mutex<State>,
    /// Held while a call fetches. The others wait for it and use its result.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Default)]
struct State {
    keys: Option<Fetched>,
    /// When the last fetch began, whatever came of it.
    attempted_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Fetched {
    keys: Arc<PublicKeys>,
    at: Timestamp,
}

impl<S: KeySource> KeyCache<S> {
    pub(crate) fn new(source: S, algorithm: Algorithm, bounds: KeyBounds) -> Self {
        Self { source, algorithm, bounds, state: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// The keys. Fetches them if they are old.
    pub(crate) async fn any(&self, now: Timestamp) -> Result<Arc<PublicKeys>, KeysUnavailable> {
        self.refreshed_if(now, |_| false).await
    }

    /// The keys. Fetches them if they are old or do not have the key `kid`. The result may lack it all the same.
    pub(crate) async fn with_key(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<Arc<PublicKeys>, KeysUnavailable> {
        self.refreshed_if(now, |keys| !keys.contains(kid)).await
    }

    async fn refreshed_if(
        &self,
        now: Timestamp,
        lacks_key: impl Fn(&PublicKeys) -> bool,
    ) -> Result<Arc<PublicKeys>, KeysUnavailable> {
        let needs_fetch = |state: &State| match &state.keys {
            Some(fetched) => age(fetched.at, now) >= self.bounds.refresh_after || lacks_key(&fetched.keys),
            None => true,
        };
        if needs_fetch(&self.state()) {
            let _turn = self.fetching.lock().await;
            let state = self.state();
            let attempted = state.attempted_at.is_some_and(|at| age(at, now) < self.bounds.fetch_interval);
            if !attempted && needs_fetch(&state) {
                self.fetch(now).await;
            }
        }
        let usable = self.state().keys.filter(|fetched| age(fetched.at, now) < self.bounds.keep_for);
        usable.map(|fetched| fetched.keys).ok_or(KeysUnavailable)
    }

    /// Fetches the keys once. If it fails, the present ones stay. The attempt is noted first, so that a call that is dropped
    /// while it waits counts as well.
    async fn fetch(&self, now: Timestamp) {
        self.change(|state| state.attempted_at = Some(now));
        match self.fetch_keys().await {
            Ok(keys) => self.change(|state| state.keys = Some(Fetched { keys: Arc::new(keys), at: now })),
            Err(error) => {
                tracing::warn!(error, "the public keys cannot be fetched, so the present ones stay in use")
            }
        }
    }

    async fn fetch_keys(&self) -> Result<PublicKeys, FetchError> {
        let document = self.source.fetch().await?;
        Ok(document::parse(&document, self.algorithm)?)
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The time since `then`. Zero if another call read the clock later and was faster.
fn age(then: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(then).max(SignedDuration::ZERO)
}
