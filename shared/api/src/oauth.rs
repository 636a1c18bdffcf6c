//! Responses of the OAuth endpoints (RFC 6749, 5).

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::endpoint::ErrorResponse;
use crate::problem::{Code, Problem};
use crate::reply::{Reply, json_reply};

#[derive(Serialize)]
struct Output<'a> {
    error: &'static str,
    error_description: &'a str,
}

/// The challenge of the OAuth endpoints (RFC 6749, 5.2).
pub const BASIC_CHALLENGE: &str = "Basic realm=\"tokenbooth\"";

/// 200 with `value` as JSON, which must not be cached (RFC 6749, 5.1).
///
/// # Errors
/// [`Code::InternalError`] if it cannot be serialised.
pub fn oauth_reply(value: &impl Serialize) -> Reply {
    json_reply(value).map(without_caching)
}

/// The errors of the OAuth endpoints (RFC 6749, 5.2): the registered name where there is one, and the problem's status
/// where RFC 6749 demands no other.
#[must_use]
pub fn oauth_error(problem: &Problem) -> ErrorResponse {
    let description = match (problem.code(), problem.field()) {
        (Code::InvalidCredentials, _) => {
            "the client is unknown or disabled, or its secret is missing or wrong".to_owned()
        }
        (_, Some(field)) => format!("{field}: {}", problem.detail()),
        (_, None) => problem.detail().to_owned(),
    };
    let (code, status) = error_and_status(problem.code());
    let body = Output { error: code, error_description: &description };
    let response = problem.response_with_status(status, "application/json", &body);
    ErrorResponse { code, response: without_caching(response) }
}

fn error_and_status(code: Code) -> (&'static str, StatusCode) {
    let error = match code {
        Code::InvalidCredentials => "invalid_client",
        Code::EntityDisabled | Code::InsufficientScope => {
            return ("unauthorized_client", StatusCode::BAD_REQUEST);
        }
        Code::UnsupportedMediaType => return ("invalid_request", StatusCode::BAD_REQUEST),
        Code::MethodNotAllowed | Code::PayloadTooLarge => "invalid_request",
        Code::QuotaExceeded => "slow_down",
        Code::InternalError => "server_error",
        // The others are registered under their own names, or never occur at these endpoints.
        other => other.name(),
    };
    (error, code.status())
}

/// Adds the headers that RFC 6749, 5.1 demands. HTTP/1.0 caches read `Pragma`.
fn without_caching(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
