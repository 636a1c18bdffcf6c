//! What can go wrong between here and the table.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A step against the store that failed: which one, and why.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB or KMS did not answer as asked, after the retries; worth trying again.
    #[error("{what}: the store did not answer")]
    Unavailable {
        /// The step.
        what: &'static str,
        /// The SDK's reason.
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB or KMS answered, and refused: a wrong table, region or key, or a missing permission.
    #[error("{what}: refused; check the table's name, the region and the permissions")]
    Refused {
        /// The step.
        what: &'static str,
        /// The SDK's reason.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Something stored is not what we wrote, or does not open; trying again will not help.
    #[error("{what}")]
    Damaged {
        /// The step.
        what: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An item every deployment has is not there.
    #[error("{what} is missing; run `tokenbooth init` for this table")]
    NotInitialised {
        /// The item.
        what: &'static str,
    },
}

/// The error codes of DynamoDB and KMS that trying again does not cure.
const REFUSALS: [&str; 9] = [
    "AccessDeniedException",
    "DisabledException",
    "InvalidCiphertextException",
    "InvalidSignatureException",
    "KMSInvalidStateException",
    "NotFoundException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
];

impl StoreError {
    /// What a failed call was: refused for good, or worth trying again.
    pub(crate) fn failed<E, R>(what: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| {
            let refused = error.code().is_some_and(|code| REFUSALS.contains(&code));
            let source = Box::new(error);
            if refused { Self::Refused { what, source } } else { Self::Unavailable { what, source } }
        }
    }

    pub(crate) fn damaged<E>(what: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Self::Damaged { what, source: source.into() }
    }
}

/// Why a write was refused by its own conditions. An answer, not a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The idempotency key has been used.
    #[error("idempotency key already used")]
    Replayed,
    /// A sibling has the name.
    #[error("name taken")]
    NameTaken,
    /// Something depends on the thing to be deleted.
    #[error("in use")]
    InUse,
    /// The thing changed since it was read.
    #[error("changed since it was read")]
    Stale,
    /// Something the change refers to is not there.
    #[error("something the change refers to is gone")]
    Gone,
    /// There are as many as there may be.
    #[error("limit reached")]
    LimitReached,
}

/// How a write ended when it did not go through. Nothing of it is stored then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A condition of it did not hold.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
