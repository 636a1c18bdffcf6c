//! The checks that all kinds of claims share: issuer, audience and times.

use jiff::Timestamp;

/// Why the claims of a correctly signed token are not accepted. For the log only: callers get one message for
/// all reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// The issuer or the audience is another one.
    #[error("issuer or audience is not ours")]
    WrongIssuer,
    /// The token has expired.
    #[error("token expired")]
    Expired,
    /// The token is not valid yet.
    #[error("token not valid yet")]
    NotYetValid,
    /// The token lives longer than the tokens that are issued here.
    #[error("token lives too long")]
    LivesTooLong,
    /// The token is of another kind.
    #[error("token of another kind")]
    WrongTokenKind,
}

/// How many seconds the verifier's clock may be behind the issuer's. The expiration time has no such leeway.
pub(super) const CLOCK_SKEW_SECONDS: i64 = 5;

/// Checks that `iss` is one of `issuers`, that `aud` is the same one, and the times.
pub(super) fn validate_issuer_and_times(
    iss: &str,
    aud: &str,
    issuers: &[&str],
    valid: (i64, i64),
    now: Timestamp,
) -> Result<(), ClaimsError> {
    if iss != aud || !issuers.contains(&iss) {
        return Err(ClaimsError::WrongIssuer);
    }
    validate_times(valid, now)
}

/// Checks that `now` is in the time for which a token is valid, in Unix seconds.
pub(super) fn validate_times((from, until): (i64, i64), now: Timestamp) -> Result<(), ClaimsError> {
    if now.as_second() >= until {
        return Err(ClaimsError::Expired);
    }
    if now.as_second() + CLOCK_SKEW_SECONDS < from {
        return Err(ClaimsError::NotYetValid);
    }
    Ok(())
}
