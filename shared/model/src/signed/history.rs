//! What a project remembers of the calls made for its users and devices (S8, S9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DeviceId, HistoryDays, Identity, UserId};

/// What was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    /// A device was attached to a user (S5).
    Attach,
    /// A device was identified (S6).
    Identify,
    /// A device was detached from a user (S7).
    Detach,
}

/// Why a call does not count as signed (S4, S9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unsigned {
    /// It came without a token.
    #[error("no signed token")]
    NoToken,
    /// The token is no JWT, or none of ours.
    #[error("malformed token")]
    MalformedToken,
    /// The token is signed by another algorithm.
    #[error("token of another algorithm or type")]
    OtherAlgorithm,
    /// None of the project's API secrets signed it, or it says nothing of a user.
    #[error("wrong signature or claims")]
    WrongSignature,
    /// It has expired.
    #[error("token expired")]
    Expired,
    /// It is not valid yet.
    #[error("token not valid yet")]
    NotYetValid,
    /// It was revoked.
    #[error("token revoked")]
    Revoked,
    /// It is for another user than the call.
    #[error("token for another user")]
    OtherUser,
    /// Its event was used before (S6).
    #[error("event used before")]
    SpentEvent,
}

impl Unsigned {
    /// Its name in the history and in the audit log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::MalformedToken => "malformed_token",
            Self::OtherAlgorithm => "other_algorithm",
            Self::WrongSignature => "wrong_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Revoked => "revoked",
            Self::OtherUser => "other_user",
            Self::SpentEvent => "spent_event",
        }
    }
}

/// One call that was accepted (S8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// Its own id; later ones sort later.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What was called.
    pub kind: AccessKind,
    /// Why it does not count as signed; none if it does.
    pub unsigned: Option<Unsigned>,
    /// The device, if the call named one or made one.
    pub device: Option<DeviceId>,
    /// The user, if the call was for one.
    pub user: Option<UserId>,
    /// Who the device was taken for.
    pub identity: Option<Identity>,
    /// How sure that is (S6); 0 where nobody was identified.
    pub confidence: f64,
    /// When it is forgotten, Unix seconds.
    pub expires_at: i64,
}

impl Access {
    /// A call at that moment, about nothing yet, remembered for so many days.
    #[must_use]
    pub fn new(kind: AccessKind, unsigned: Option<Unsigned>, kept: HistoryDays, now: Timestamp) -> Self {
        Self {
            id: crate::id::ordered(now),
            at: now,
            kind,
            unsigned,
            device: None,
            user: None,
            identity: None,
            confidence: 0.0,
            expires_at: kept.expires_at(now),
        }
    }

    /// Whether it is still remembered: as long as was said when it happened, and no longer than is said now.
    #[must_use]
    pub fn is_retained(&self, kept: HistoryDays, now: Timestamp) -> bool {
        now.as_second() < self.expires_at.min(kept.expires_at(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn s8_an_access_is_retained_for_the_fewer_days() {
        let at = |day: i64, second: i64| Timestamp::from_second(day * DAY + second).unwrap();
        let days = |days: f64| HistoryDays::try_from(days).unwrap();
        let access = Access::new(AccessKind::Attach, None, days(2.0), at(0, 0));
        for (kept, now, remembered) in [
            (2.0, at(1, 86_399), true),
            (2.0, at(2, 0), false),
            (9.0, at(1, 86_399), true),
            (9.0, at(2, 0), false),
            (1.0, at(0, 86_399), true),
            (1.0, at(1, 0), false),
        ] {
            assert_eq!(access.is_retained(days(kept), now), remembered, "{kept} {now}");
        }
    }

    #[test]
    fn s9_a_reason_is_named_alike_everywhere() {
        for reason in
            [Unsigned::NoToken, Unsigned::OtherAlgorithm, Unsigned::NotYetValid, Unsigned::SpentEvent]
        {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }
}
