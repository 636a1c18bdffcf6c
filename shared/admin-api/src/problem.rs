//! Converts the errors of operations into error responses.

use admin::Error;
use api::{Code, Problem};

/// The error response for `error`.
#[must_use]
pub fn problem(error: Error) -> Problem {
    match error {
        Error::NotFound { field } => about(Problem::not_found(), field),
        Error::PermissionDenied(error) => error.into(),
        Error::InvalidField { field, rule } => Problem::invalid(field, rule),
        Error::Conflict { field, reason } => about(Problem::new(Code::Conflict, reason), field),
        Error::EntityMoved => {
            let detail = "an entity stays under the parent it was created under";
            Problem::new(Code::Cycle, detail).about("parent_id")
        }
        Error::NameTaken => Problem::new(Code::NameTaken, "a sibling has this name already").about("name"),
        Error::InUse => Problem::new(Code::InUse, "something still depends on it, delete that first"),
        Error::LimitExceeded { reason } => Problem::new(Code::LimitExceeded, reason),
        Error::RotationRefused(error) => {
            Problem::new(Code::LimitExceeded, error.to_string()).about("valid_until")
        }
        Error::VersionMismatch => {
            Problem::new(Code::PreconditionFailed, "it has changed since, read it again")
        }
        Error::ChangedConcurrently => {
            Problem::new(Code::Conflict, "it was changed at the same time, read it again and retry")
        }
        Error::IdempotencyKeyReused => {
            let detail = "this idempotency key was used for another request, choose a new one";
            Problem::new(Code::IdempotencyKeyReused, detail).about("idempotency-key")
        }
        Error::Crypto(error) => error.into(),
        Error::Json(error) => Problem::internal(error),
        Error::Store(error) => error.into(),
    }
}

fn about(problem: Problem, field: Option<&'static str>) -> Problem {
    match field {
        Some(field) => problem.about(field),
        None => problem,
    }
}
