//! Why an operation is refused or fails.

use std::borrow::Cow;

use model::{PermissionDenied, RotationRefused};
use store::{ListError, Refusal, StoreError, WriteError};

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource does not exist, or belongs to another customer.
    #[error("not found")]
    NotFound {
        /// The input field that names it. `None` if the path names it.
        field: Option<&'static str>,
    },
    /// The caller's grants do not allow it.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// An input field breaks a rule.
    #[error("{field}: {rule}")]
    InvalidField {
        /// The field.
        field: &'static str,
        /// The rule.
        rule: Cow<'static, str>,
    },
    /// The state of the resource does not allow the operation.
    #[error("{reason}")]
    Conflict {
        /// The input field that causes the conflict, if there is one.
        field: Option<&'static str>,
        /// The reason.
        reason: &'static str,
    },
    /// Entities stay under the parent they were created under.
    #[error("an entity stays under the parent it was created under")]
    EntityMoved,
    /// A sibling has the name, or one that looks the same.
    #[error("a sibling has this name or one that looks the same")]
    NameTaken,
    /// An API has the identifier, or it is not available.
    #[error("choose another identifier")]
    IdentifierTaken,
    /// Something depends on the resource that was to be deleted.
    #[error("something still depends on it, delete that first")]
    InUse,
    /// The maximum number of resources exists.
    #[error("{reason}")]
    LimitExceeded {
        /// The limit that is reached.
        reason: &'static str,
    },
    /// The secret cannot be rotated with this end.
    #[error(transparent)]
    RotationRefused(#[from] RotationRefused),
    /// The resource is not at the version the caller expects.
    #[error("it has changed since, read it again")]
    VersionMismatch,
    /// Another change came between the read and the write of this one.
    #[error("it was changed at the same time, read it again and retry")]
    ChangedConcurrently,
    /// The caller's rights may have changed between its authentication and the write of this change.
    #[error("your key, its integration or an entity above it was changed at the same time, retry")]
    CallerChanged,
    /// The idempotency key was used for another request.
    #[error("this idempotency key was used for another request, choose a new one")]
    IdempotencyKeyReused,
    /// A key or a secret could not be made.
    #[error(transparent)]
    Crypto(#[from] crypto::CryptoError),
    /// An answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// The resource that the path names does not exist for this caller.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::NotFound { field: None }
    }

    pub(crate) fn invalid(field: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidField { field, rule: rule.into() }
    }

    pub(crate) const fn conflict(reason: &'static str) -> Self {
        Self::Conflict { field: None, reason }
    }
}

impl From<ListError> for Error {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor(_) => Self::invalid("cursor", "must be a next_cursor of this list"),
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.into(),
            WriteError::Refused(Refusal::CallerChanged) => Self::CallerChanged,
            WriteError::Refused(Refusal::NameTaken) => Self::NameTaken,
            WriteError::Refused(Refusal::IdentifierTaken) => Self::IdentifierTaken,
            WriteError::Refused(Refusal::InUse) => Self::InUse,
            WriteError::Refused(Refusal::LimitReached) => {
                Self::LimitExceeded { reason: "there are as many as there may be, delete one first" }
            }
            WriteError::Refused(Refusal::Stale | Refusal::Gone | Refusal::Replayed) => {
                Self::ChangedConcurrently
            }
        }
    }
}
