//! What the OAuth endpoints answer alike (RFC 6749, 5).

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::endpoint::{Reply, json_reply};
use crate::problem::{Code, Problem};

#[derive(Serialize)]
struct Output<'a> {
    error: &'static str,
    error_description: &'a str,
}

/// The challenge of the OAuth endpoints (RFC 6749, 5.2).
pub const BASIC_CHALLENGE: &str = "Basic realm=\"tokenbooth\"";

/// 200 with `value` as JSON, which no one keeps (RFC 6749, 5.1).
///
/// # Errors
/// [`Code::InternalError`] if it cannot be written.
pub fn oauth_reply(value: &impl Serialize) -> Reply {
    json_reply(value).map(unkept)
}

/// The errors of the OAuth endpoints (RFC 6749, 5.2): the registered names where there is one, and the status of the
/// problem where RFC 6749 says nothing else.
#[must_use]
pub fn oauth_error(problem: &Problem) -> Response<Body> {
    let description = match (problem.code(), problem.field()) {
        (Code::InvalidCredentials, _) => {
            "the client is unknown or disabled, or its secret is missing or wrong".to_owned()
        }
        (_, Some(field)) => format!("{field}: {}", problem.detail()),
        (_, None) => problem.detail().to_owned(),
    };
    let (error, status) = named(problem.code());
    let body = Output { error, error_description: &description };
    let mut response = unkept(problem.response("application/json", &body));
    *response.status_mut() = status;
    response
}

fn named(code: Code) -> (&'static str, StatusCode) {
    let name = match code {
        Code::InvalidCredentials => "invalid_client",
        Code::EntityDisabled | Code::InsufficientScope => {
            return ("unauthorized_client", StatusCode::BAD_REQUEST);
        }
        Code::UnsupportedMediaType => return ("invalid_request", StatusCode::BAD_REQUEST),
        Code::MethodNotAllowed | Code::PayloadTooLarge => "invalid_request",
        Code::QuotaExceeded => "slow_down",
        Code::InternalError => "server_error",
        // The others are registered under their own names, or no answer of these endpoints.
        other => other.name(),
    };
    (name, code.status())
}

/// HTTP/1.0 caches read `Pragma` (RFC 6749, 5.1).
fn unkept(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
