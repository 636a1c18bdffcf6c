//! The access history of a project: the accepted calls for its users and devices (S8, S9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DeviceId, HistoryDays, Identity, UserId};

/// The kind of call.
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
    /// The call had no token.
    #[error("no signed token")]
    NoToken,
    /// The token is malformed.
    #[error("malformed token")]
    MalformedToken,
    /// The token has another algorithm or type.
    #[error("token of another algorithm or type")]
    OtherAlgorithm,
    /// No API secret of the project signed the token, or its claims do not have the expected shape.
    #[error("wrong signature or claims")]
    WrongSignature,
    /// The token has expired.
    #[error("token expired")]
    Expired,
    /// The token is not valid yet.
    #[error("token not valid yet")]
    NotYetValid,
    /// The token is revoked.
    #[error("token revoked")]
    Revoked,
    /// The token names another user than the call.
    #[error("token for another user")]
    OtherUser,
    /// The token has the purpose of another call (S12).
    #[error("token for another purpose")]
    OtherPurpose,
    /// The event of the token was already used (S6).
    #[error("event used before")]
    SpentEvent,
}

impl Unsigned {
    /// The name in the history and in the audit log.
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
            Self::OtherPurpose => "other_purpose",
            Self::SpentEvent => "spent_event",
        }
    }
}

/// One accepted call (S8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// The id of the record. Ids sort by time.
    pub id: Uuid,
    /// When the call was made.
    pub at: Timestamp,
    /// The kind of call.
    pub kind: AccessKind,
    /// Why the call does not count as signed. `None` if it does.
    pub unsigned: Option<Unsigned>,
    /// The device that the call named or created.
    pub device: Option<DeviceId>,
    /// The user that the call named.
    pub user: Option<UserId>,
    /// The identity that was recognised for the device.
    pub identity: Option<Identity>,
    /// The confidence of the identification (S6). 0 if no identity was recognised.
    pub confidence: f64,
    /// When the record expires, in Unix seconds.
    pub expires_at: i64,
}

impl Access {
    /// A record of a call at the time `now`, kept for `kept` days, with no user or device yet.
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

    /// Whether the record still exists at the time `now`. It is kept for the days configured when it was made
    /// or for the days configured now, whichever is shorter.
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
    fn s8_the_shorter_retention_applies() {
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
    fn s9_a_reason_has_the_same_name_everywhere() {
        for reason in
            [Unsigned::NoToken, Unsigned::OtherAlgorithm, Unsigned::NotYetValid, Unsigned::SpentEvent]
        {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }
}
