//! The errors of the store.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use model::DeviceTooLarge;

use crate::dynamodb::cursor::MalformedCursor;

/// A step that failed, and why.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB or KMS did not respond or reported a temporary fault, also after retries. A later call may succeed.
    #[error("{step}: the store did not answer")]
    Unavailable {
        /// The step.
        step: &'static str,
        /// The error of the SDK.
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB limits the number of calls: of a table, a partition or an account. A later call may succeed.
    #[error("{step}: the store limits the number of calls")]
    Throttled {
        /// The step.
        step: &'static str,
        /// The error of the SDK.
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB or KMS rejected the call: the table, region or key is wrong, or a permission is missing.
    #[error("{step}: refused; check the table's name, the region and the permissions")]
    Refused {
        /// The step.
        step: &'static str,
        /// The error of the SDK.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A stored value cannot be parsed or decrypted, or a new one cannot be made. A later call fails again.
    #[error("{step}")]
    Damaged {
        /// The step.
        step: &'static str,
        /// The reason.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A newer version has changed the layout of the table. This version would misread it.
    #[error("the table has layout {found}, and this version knows up to {known}; deploy the newer version")]
    NewerLayout {
        /// The layout of the table.
        found: u32,
        /// The newest layout that this version knows.
        known: u32,
    },
    /// An item that every deployment has does not exist.
    #[error("{item} is missing; run `tokenbooth init` for this table")]
    NotInitialised {
        /// The item.
        item: &'static str,
    },
}

/// The error codes of DynamoDB and KMS for calls that fail again when they are retried.
const PERMANENT_ERRORS: [&str; 9] = [
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

/// The error codes of calls above a rate that DynamoDB or KMS allows.
const THROTTLING_ERRORS: [&str; 3] =
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];

impl StoreError {
    /// Converts an error of the SDK into [`StoreError::Refused`], [`StoreError::Throttled`] or
    /// [`StoreError::Unavailable`].
    pub(crate) fn failed<E, R>(step: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| {
            let is_one_of = |codes: &[&str]| error.code().is_some_and(|code| codes.contains(&code));
            let (is_permanent, is_throttled) = (is_one_of(&PERMANENT_ERRORS), is_one_of(&THROTTLING_ERRORS));
            let source = Box::new(error);
            match (is_permanent, is_throttled) {
                (true, _) => Self::Refused { step, source },
                (_, true) => Self::Throttled { step, source },
                _ => Self::Unavailable { step, source },
            }
        }
    }

    /// Converts any error into [`StoreError::Damaged`].
    pub(crate) fn damaged<E>(step: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Self::Damaged { step, source: source.into() }
    }
}

/// The condition of a write that failed. This is an answer, not a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The idempotency key or the one-time event was used before.
    #[error("already used")]
    Replayed,
    /// The caller's key, its integration, its entity or an ancestor changed after it was read.
    #[error("the caller changed since it was read")]
    CallerChanged,
    /// A sibling has the name, or one that looks the same.
    #[error("name taken")]
    NameTaken,
    /// An API has the identifier, or had it until recently.
    #[error("an API has this identifier, or had it until recently")]
    IdentifierTaken,
    /// Other items depend on the item to be deleted.
    #[error("in use")]
    InUse,
    /// The item changed after it was read.
    #[error("changed since it was read")]
    Stale,
    /// An item that the write refers to does not exist.
    #[error("something the change refers to does not exist")]
    Gone,
    /// The maximum number of items exists.
    #[error("limit reached")]
    LimitReached,
}

/// Why a write was not stored. No part of it is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A condition failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a device was not attached. Nothing is stored.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The device would be too large.
    #[error(transparent)]
    TooLarge(#[from] DeviceTooLarge),
    /// A condition failed, or the store.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<StoreError> for AttachError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl From<Refusal> for AttachError {
    fn from(refusal: Refusal) -> Self {
        Self::Write(refusal.into())
    }
}

/// Why a page of a list was not read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The cursor was not made for this list.
    #[error(transparent)]
    Cursor(#[from] MalformedCursor),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
