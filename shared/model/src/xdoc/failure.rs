//! Why tokens are refused (X7).

use crypto::DecryptionFaults;

use crate::PlaintextError;

/// The refusal. It says nothing; why is for the log (X7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tokens are refused")]
pub struct VerificationFailed(pub FailureReason);

/// Why tokens are refused: for the log, or for the owner's own command line. Of several sets' reasons the last in this
/// order counts, because that set came furthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureReason {
    /// Neither XST nor XUT.
    #[error("no token was sent")]
    NoToken,
    /// A token or a context longer than any.
    #[error("a token or context is too long")]
    TooLong,
    /// No token set is active.
    #[error("no token set is active")]
    NoTokenSet,
    /// It does not open under any set.
    #[error("a token does not open: {0}")]
    NotDecrypted(DecryptionFaults),
    /// What it opens to is no token.
    #[error("a token opens to no token: {0}")]
    InvalidPlaintext(PlaintextError),
    /// Its context is not the project's, or not the call's.
    #[error("the context is another one")]
    Context,
    /// Its app key is none of the set's.
    #[error("the app key is none of the token set's")]
    AppKey,
    /// It was made too long ago, or by a clock ahead of ours.
    #[error("GenDT is not within the window")]
    GenDt,
    /// The call does not name the security context, which the project asks for.
    #[error("no security context was sent")]
    NoContext,
    /// There is no security token, which the project asks for.
    #[error("no security token was sent")]
    NoSecurityToken,
    /// A token in another's place, or two for one.
    #[error("XST and XUT hold other tokens than their names say")]
    WrongParameter,
}

impl FailureReason {
    /// How far a try came.
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
