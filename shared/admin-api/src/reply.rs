//! The responses of the Admin API.

use admin::{Outcome, Versioned};
use api::http::{HeaderName, HeaderValue, StatusCode, header};
use api::{Body, Problem, Reply, Response};
use serde::Serialize;
use store::Page;

use crate::headers::etag;
use crate::{key_file, problem};

#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// 200 with one page of a list.
///
/// # Errors
/// [`api::Code::InternalError`].
pub fn page<T: Serialize>(page: Page<T>) -> Reply {
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    api::json_reply(&List { items: page.items, next_cursor })
}

/// 200 with one resource. The ETag is its version.
///
/// # Errors
/// [`api::Code::InternalError`].
pub fn resource<T: Serialize>(resource: &Versioned<T>) -> Reply {
    let mut response = api::json_reply(&resource.item)?;
    response.headers_mut().insert(header::ETAG, etag(resource.version));
    Ok(response)
}

/// 202 with what was requested and happens later (RFC 9110, 15.3.3).
///
/// # Errors
/// [`api::Code::InternalError`].
pub fn accepted<T: Serialize>(requested: &T) -> Reply {
    let mut response = api::json_reply(requested)?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// 201 with the new resource. The ETag is its version. With `download`, the body is only its key file, as an attachment.
pub(crate) fn created<T: Serialize>(outcome: Outcome<T>, download: bool) -> Reply {
    let (json, version, is_replayed) = match outcome {
        Outcome::Created(created) => (to_json(&created.item)?, created.version, false),
        Outcome::Replayed { json, version } => (json, version, true),
    };
    let json = if download { key_file::extract(&json).map_err(json_problem)? } else { json };
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ETAG, etag(version));
    if is_replayed {
        headers.insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    }
    if download {
        return attachment(response, key_file::NAME);
    }
    Ok(response)
}

/// Makes the response a download with the file name `name`.
///
/// # Errors
/// [`api::Code::InternalError`] for a name that is not valid in a header.
pub fn attachment(mut response: Response<Body>, name: &str) -> Reply {
    let value =
        HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(Problem::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    Ok(response)
}

/// 204.
pub(crate) fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn to_json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(json_problem)
}

fn json_problem(error: serde_json::Error) -> Problem {
    problem(error.into())
}
