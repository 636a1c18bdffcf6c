//! Why a token is not accepted.

use crypto::SignatureError;

/// Why a token was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The token is not valid here. Answer 401.
    #[error("token refused")]
    Refused(#[from] Refusal),
    /// Nothing can be verified now. Answer 503.
    #[error(transparent)]
    KeysUnavailable(#[from] KeysUnavailable),
}

/// Why a token is refused. For the log only: callers should get one answer for all reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token is malformed, its key is unknown, or the signature is not the key's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The header names another algorithm than the settings.
    #[error("wrong algorithm")]
    WrongAlgorithm,
    /// The header names a type that the settings do not allow.
    #[error("wrong type of token")]
    WrongType,
    /// Another issuer issued it.
    #[error("wrong issuer")]
    WrongIssuer,
    /// It is for another audience.
    #[error("wrong audience")]
    WrongAudience,
    /// It has expired.
    #[error("token expired")]
    Expired,
    /// It is not valid yet.
    #[error("token not valid yet")]
    NotYetValid,
    /// It lacks a claim that the caller requires, or the claim has another shape.
    #[error("a claim is missing or malformed")]
    MissingClaim,
}

/// There are no public keys: they were never fetched, or the fetch has failed for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the public keys of the issuer cannot be fetched")]
pub struct KeysUnavailable;

impl From<SignatureError> for VerifyError {
    fn from(error: SignatureError) -> Self {
        Refusal::from(error).into()
    }
}
