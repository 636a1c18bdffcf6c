//! Turning the errors of the other layers into problems.

use lambda_http::http::{HeaderValue, header};
use model::{DeviceTooLarge, MAX_DEVICE_BYTES, PermissionDenied};
use store::{AttachError, Refusal, StoreError, WriteError};

use crate::problem::{Code, Problem};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => unavailable("the store did not answer, try again"),
            StoreError::Throttled { .. } => unavailable("the store has too much to do, try again"),
            StoreError::Refused { .. }
            | StoreError::Damaged { .. }
            | StoreError::NewerLayout { .. }
            | StoreError::NotInitialised { .. } => {
                return Self::internal(error);
            }
        }
        .caused_by(error)
    }
}

fn unavailable(detail: &'static str) -> Problem {
    Problem::new(Code::TemporarilyUnavailable, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

impl From<crypto::CryptoError> for Problem {
    fn from(error: crypto::CryptoError) -> Self {
        Self::internal(error)
    }
}

impl From<PermissionDenied> for Problem {
    fn from(refused: PermissionDenied) -> Self {
        match refused {
            PermissionDenied::OtherCustomer => Self::not_found(),
            PermissionDenied::InsufficientGrants => {
                Self::new(Code::InsufficientScope, "the caller's grants do not allow this here")
            }
        }
        .caused_by(refused)
    }
}

impl From<AttachError> for Problem {
    fn from(error: AttachError) -> Self {
        match error {
            AttachError::Write(error) => error.into(),
            AttachError::TooLarge(DeviceTooLarge { field }) => {
                let most = MAX_DEVICE_BYTES;
                Self::invalid(
                    field,
                    format!("makes the device larger than {most} bytes, with its other fields"),
                )
            }
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.into(),
            WriteError::Refused(refusal) => match refusal {
                Refusal::CallerChanged => {
                    unavailable("the client or an entity above it was changed at the same time, try again")
                        .caused_by(refusal)
                }
                Refusal::NameTaken => {
                    let detail = "a sibling has this name or one that looks the same";
                    Self::new(Code::NameTaken, detail).about("name")
                }
                Refusal::IdentifierTaken => {
                    Self::new(Code::IdentifierTaken, "choose another identifier").about("identifier")
                }
                Refusal::InUse => Self::new(Code::InUse, "something depends on it, delete that first"),
                Refusal::LimitReached => {
                    Self::new(Code::LimitExceeded, "the greatest allowed number exists, delete one first")
                }
                Refusal::Stale | Refusal::Gone | Refusal::Replayed => {
                    Self::new(Code::Conflict, "it was changed at the same time, read it again and retry")
                }
            },
        }
    }
}
