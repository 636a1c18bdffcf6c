//! The result of a handler, and the responses that several endpoints share.

use lambda_http::http::{HeaderValue, header};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::problem::Problem;

/// The result of a handler.
pub type Reply = Result<Response<Body>, Problem>;

/// 200 with `value` as JSON.
///
/// # Errors
/// [`Code::InternalError`](crate::Code::InternalError) if it cannot be serialised.
pub fn json_reply(value: &impl Serialize) -> Reply {
    let body = serde_json::to_string(value).map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// 200 with a public document as JSON. Every origin may read it, and caches may keep it for an hour.
///
/// # Errors
/// [`Code::InternalError`](crate::Code::InternalError) if it cannot be serialised.
pub fn cacheable(value: &impl Serialize) -> Reply {
    let mut response = json_reply(value)?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
