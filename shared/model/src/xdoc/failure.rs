//! Why the verification of tokens fails (X7).

use crypto::DecryptionFaults;

use crate::PlaintextError;

/// Verification failed. The message is the same for every reason; the reason is for the log only (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tokens are refused")]
pub struct VerificationFailed(pub FailureReason);

/// Why verification failed, for the log or for the owner's own command line. If several token sets were
/// tried, the reason of the set that came furthest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureReason {
    /// Neither XST nor XUT was sent.
    #[error("no token was sent")]
    NoToken,
    /// A token or the context is too long.
    #[error("a token or context is too long")]
    TooLong,
    /// No token set is active.
    #[error("no token set is active")]
    NoTokenSet,
    /// No token set decrypts the token.
    #[error("a token cannot be decrypted: {0}")]
    NotDecrypted(DecryptionFaults),
    /// The decrypted text is not a token.
    #[error("the decrypted text is not a token: {0}")]
    InvalidPlaintext(PlaintextError),
    /// The token's context is not the project's, or not the call's.
    #[error("the context does not match")]
    Context,
    /// The token's app key is not one of the token set's.
    #[error("the app key is not one of the token set's")]
    AppKey,
    /// The token's `GenDT` is too old, or too far in the future.
    #[error("GenDT is not within the window")]
    GenDt,
    /// The project requires a security context, and the call names none.
    #[error("no security context was sent")]
    NoContext,
    /// The project requires a security token, and there is none.
    #[error("no security token was sent")]
    NoSecurityToken,
    /// A token is in the wrong parameter, or two tokens have the same kind.
    #[error("XST or XUT holds another kind of token")]
    WrongParameter,
}

impl FailureReason {
    /// How far the verification came.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::NoToken | Self::TooLong | Self::NoTokenSet => 0,
            Self::NotDecrypted(_) => 1,
            Self::InvalidPlaintext(_) => 2,
            Self::Context | Self::AppKey | Self::GenDt => 3,
            Self::NoContext | Self::NoSecurityToken | Self::WrongParameter => 4,
        }
    }
}
