//! The life cycle of a signing key: `pending → active → retiring → retired`. The state follows from its times
//! alone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The state of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// The key is published and does not sign yet.
    Pending,
    /// The key signs.
    Active,
    /// The key does not sign any more and is still published.
    Retiring,
    /// The key neither signs nor is published.
    Retired,
}

/// When a key enters each state. `None` means that the time is not decided yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The key signs from this time on.
    pub active_from: Timestamp,
    /// The key does not sign from this time on.
    pub retiring_from: Option<Timestamp>,
    /// The key is not published from this time on. No token that it signed is valid any more.
    pub retired_from: Option<Timestamp>,
}

impl Schedule {
    /// A key that signs from `now` on.
    #[must_use]
    pub const fn starting(now: Timestamp) -> Self {
        Self { active_from: now, retiring_from: None, retired_from: None }
    }

    /// A key that is published from `now` on and signs when every verifier has read it.
    #[must_use]
    pub fn pending(now: Timestamp) -> Self {
        Self { active_from: now.saturating_add(Self::LEAD).unwrap_or(Timestamp::MAX), ..Self::starting(now) }
    }

    /// For how long a key is published before it signs: API Gateway's JWT authorizers keep public keys for two hours, and
    /// our functions and the answers of the JWKS endpoint for less.
    const LEAD: SignedDuration = SignedDuration::from_mins(135);

    /// The state at the time `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> KeyState {
        let reached = |moment: Option<Timestamp>| moment.is_some_and(|moment| now >= moment);
        if reached(self.retired_from) {
            KeyState::Retired
        } else if reached(self.retiring_from) {
            KeyState::Retiring
        } else if now >= self.active_from {
            KeyState::Active
        } else {
            KeyState::Pending
        }
    }

    /// Whether the key may sign a token at the time `now` that expires at `exp` (Unix seconds). The key must
    /// be active, and the token must not expire after the key is retired.
    #[must_use]
    pub fn may_sign(&self, exp: i64, now: Timestamp) -> bool {
        self.state(now) == KeyState::Active && self.retired_from.is_none_or(|end| exp <= end.as_second())
    }

    /// Whether the public key is in the JWK set at the time `now`.
    #[must_use]
    pub fn is_published(&self, now: Timestamp) -> bool {
        self.state(now) != KeyState::Retired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_key_enters_its_states_in_order() {
        let schedule =
            Schedule { active_from: at(10), retiring_from: Some(at(20)), retired_from: Some(at(30)) };
        for (now, state, published) in [
            (9, KeyState::Pending, true),
            (10, KeyState::Active, true),
            (19, KeyState::Active, true),
            (20, KeyState::Retiring, true),
            (29, KeyState::Retiring, true),
            (30, KeyState::Retired, false),
        ] {
            assert_eq!(schedule.state(at(now)), state, "{now}");
            assert_eq!(schedule.is_published(at(now)), published, "{now}");
        }
    }

    #[test]
    fn a10_a_pending_key_is_published_2_h_15_min_before_it_signs() {
        let schedule = Schedule::pending(at(0));
        assert_eq!(schedule.state(at(135 * 60 - 1)), KeyState::Pending);
        assert!(schedule.is_published(at(0)));
        assert_eq!(schedule.state(at(135 * 60)), KeyState::Active);
    }

    #[test]
    fn no_token_expires_after_its_key_is_retired() {
        let schedule =
            Schedule { active_from: at(10), retiring_from: Some(at(20)), retired_from: Some(at(30)) };
        assert!(schedule.may_sign(30, at(15)));
        assert!(!schedule.may_sign(31, at(15)));
        assert!(!schedule.may_sign(16, at(9)));
        assert!(!schedule.may_sign(25, at(20)));
        assert!(Schedule::starting(at(0)).may_sign(i64::MAX, at(15)));
    }
}
