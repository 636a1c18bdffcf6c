//! Converts the errors of operations into error responses.

use admin::Error;
use api::{Code, Problem};

/// The error response for `error`.
#[must_use]
pub fn problem(error: Error) -> Problem {
    let detail = error.to_string();
    match error {
        Error::NotFound { field } => about(Problem::not_found(), field),
        Error::PermissionDenied(error) => error.into(),
        Error::InvalidField { field, rule } => Problem::invalid(field, rule),
        Error::Conflict { field, .. } => about(Problem::new(Code::Conflict, detail), field),
        Error::EntityMoved => Problem::new(Code::Cycle, detail).about("parent_id"),
        Error::NameTaken => Problem::new(Code::NameTaken, detail).about("name"),
        Error::IdentifierTaken => Problem::new(Code::IdentifierTaken, detail).about("identifier"),
        Error::InUse => Problem::new(Code::InUse, detail),
        Error::LimitExceeded { .. } => Problem::new(Code::LimitExceeded, detail),
        Error::RotationRefused(_) => Problem::new(Code::LimitExceeded, detail).about("valid_until"),
        Error::VersionMismatch => Problem::new(Code::PreconditionFailed, detail),
        Error::ChangedConcurrently | Error::CallerChanged => Problem::new(Code::Conflict, detail),
        Error::IdempotencyKeyReused => {
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
