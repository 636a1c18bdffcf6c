//! The checks that all kinds of claims share: issuer, audience and times.

use jiff::Timestamp;

/// Why the claims of a well-signed token are refused. For the log; a caller hears one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// From another issuer, or for another audience.
    #[error("issuer or audience is not ours")]
    WrongIssuer,
    /// Expired.
    #[error("token expired")]
    Expired,
    /// Not valid yet.
    #[error("token not valid yet")]
    NotYetValid,
    /// A token of another kind.
    #[error("token of another kind")]
    WrongTokenKind,
}

/// How far a verifying machine's clock may lag behind the issuing one's. Expiry gets no such leeway.
pub(super) const SKEW: i64 = 5;

pub(super) fn validate_issuer_and_times(
    iss: &str,
    aud: &str,
    issuer: &str,
    valid: (i64, i64),
    now: Timestamp,
) -> Result<(), ClaimsError> {
    if iss != issuer || aud != issuer {
        return Err(ClaimsError::WrongIssuer);
    }
    let (from, until) = valid;
    if now.as_second() >= until {
        return Err(ClaimsError::Expired);
    }
    if now.as_second() + SKEW < from {
        return Err(ClaimsError::NotYetValid);
    }
    Ok(())
}
