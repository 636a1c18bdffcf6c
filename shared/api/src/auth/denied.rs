//! Why a caller is denied before its request is handled.

use model::{Timestamp, Unsigned};
use store::StoreError;

use crate::problem::{Code, Problem};

/// Why a caller is denied.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The caller is not authenticated: 401. The response is the same for every reason, and has the time of the check.
    #[error("{reason}")]
    Unauthenticated {
        /// Why. Only the log shows it.
        reason: Reason,
        /// When the request was checked.
        at: Timestamp,
    },
    /// The caller is authenticated, but switched off: 403.
    #[error("{0} is switched off")]
    SwitchedOff(Party),
    /// A page sent the request, and pages of its origin may not: 403 (A9).
    #[error("the origin is not allowed")]
    OriginNotAllowed,
    /// DynamoDB failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a caller is not authenticated.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// A header or a field is missing, occurs twice, or is malformed.
    #[error("{0} is missing or malformed")]
    Malformed(&'static str),
    /// The request has both a signature and a token.
    #[error("both a signature and a bearer token")]
    Ambiguous,
    /// The Admin API does not accept plain signed requests (A12).
    #[error("plain signatures are switched off")]
    PlainSignature,
    /// The timestamp is too old or too far ahead (F11).
    #[error("timestamp outside the window")]
    Stale,
    /// The token does not verify.
    #[error("token refused: {0}")]
    Token(Box<dyn std::error::Error + Send + Sync>),
    /// The token was revoked.
    #[error("token revoked")]
    Revoked,
    /// The token's provider is off, or was deleted.
    #[error("token no longer in force: its provider, an entity above it, or a switch of theirs is off")]
    NotInForce,
    /// There is no such key, partner or project.
    #[error("unknown client id, key or project")]
    Unknown,
    /// The signature or secret is not the one of that key.
    #[error("wrong signature or secret")]
    Wrong,
    /// The key or partner is disabled, or the key has ended.
    #[error("key disabled or ended")]
    Disabled,
    /// The request has the project's client id without a valid signed token (S1).
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// The project is off, and the request has only its client id, which is public.
    #[error("project switched off, and the caller proved nothing")]
    UnprovedProject,
}

/// A party that can be switched off. Responses name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// An API key.
    ApiKey,
    /// A client of the OAuth endpoints.
    Client,
    /// A provider of window F, or the key that requests its token.
    Provider,
    /// The own API that a provider's tokens are for.
    Api,
    /// A partner.
    Partner,
    /// A project.
    Project,
}

impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ApiKey => "the key",
            Self::Client => "the client",
            Self::Provider => "the provider or the key",
            Self::Api => "the API of the provider",
            Self::Partner => "the partner",
            Self::Project => "the project",
        })
    }
}

impl Party {
    /// Denies the request unless this party is switched on.
    ///
    /// # Errors
    /// [`Denied::SwitchedOff`].
    pub fn require_switched_on(self, is_on: bool) -> Result<(), Denied> {
        if is_on { Ok(()) } else { Err(Denied::SwitchedOff(self)) }
    }
}

impl Reason {
    /// [`Denied::Unauthenticated`] with this reason, checked at the time `now`.
    #[must_use]
    pub const fn at(self, now: Timestamp) -> Denied {
        Denied::Unauthenticated { reason: self, at: now }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated { reason, at } => Self::unauthenticated(reason, at),
            Denied::SwitchedOff(party) => {
                let detail = format!("{party}, its entity, an entity above it, or a switch of theirs is off");
                Self::new(Code::EntityDisabled, detail)
            }
            Denied::OriginNotAllowed => {
                let detail = "pages of this origin may not call here for this project or provider";
                Self::new(Code::OriginNotAllowed, detail)
            }
            Denied::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f16_every_reason_gives_the_same_answer_with_the_time_of_the_check() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let bodies = [Reason::Unknown, Reason::Wrong, Reason::Stale, Reason::Unsigned(Unsigned::Expired)]
            .map(|reason| Problem::from(reason.at(at)).rfc9457())
            .map(|response| (response.status().as_u16(), format!("{:?}", response.body())));
        assert!(bodies[0].1.contains("1800000000"), "{}", bodies[0].1);
        for body in &bodies {
            assert_eq!((body.0, body), (401, &bodies[0]));
        }
    }

    #[test]
    fn f2_the_answer_names_who_is_switched_off() {
        assert!(Party::Project.require_switched_on(true).is_ok());
        for party in
            [Party::ApiKey, Party::Client, Party::Provider, Party::Api, Party::Partner, Party::Project]
        {
            let problem = Problem::from(party.require_switched_on(false).unwrap_err());
            assert_eq!(problem.code(), Code::EntityDisabled);
            assert!(problem.detail().starts_with(&party.to_string()), "{}", problem.detail());
        }
    }
}
