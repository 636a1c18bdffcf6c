//! One endpoint, and what every answer has in common: limits, headers, one log line, and never a panic.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt as _;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde::Serialize;

use crate::problem::{Code, Problem};
use crate::request::origin::source_ip;
use crate::runtime::start::{BootError, Start};

/// What a handler gives back.
pub type Reply = Result<Response<Body>, Problem>;

/// One endpoint: what it needs, and what it does. `local` runs all of them in one process, Lambda each in its own.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// Its name: folder, package, binary and function.
    const NAME: &'static str;

    /// The challenge in its 401 answers (RFC 9110, 11.6.1).
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\", X-Frame-Signature realm=\"tokenbooth\"";

    /// Gets it ready, outside any request.
    fn boot(start: &Start) -> impl Future<Output = Result<Self, BootError>> + Send;

    /// Answers one request.
    fn handle(&self, request: &Request) -> impl Future<Output = Reply> + Send;

    /// The wire shape of its errors.
    fn refuse(problem: &Problem) -> Response<Body> {
        problem.rfc9457()
    }
}

/// The longest body read.
const LONGEST_BODY: usize = 64 * 1024;

/// The answer of `endpoint` to `request`, whatever happens.
pub async fn answer<E: Endpoint>(endpoint: &E, mut request: Request) -> Response<Body> {
    let started = Instant::now();
    let head = request.method() == Method::HEAD;
    if head {
        *request.method_mut() = Method::GET;
    }
    let reply = if request.body().len() > LONGEST_BODY {
        Err(Problem::new(Code::PayloadTooLarge, "the body must be at most 65536 bytes"))
    } else {
        let caught = AssertUnwindSafe(endpoint.handle(&request)).catch_unwind().await;
        caught.unwrap_or_else(|_| Err(Problem::new(Code::InternalError, "this is our fault, not yours")))
    };
    log::<E>(&request, &reply, started);
    let mut response = reply.unwrap_or_else(|problem| refuse::<E>(&problem));
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if head {
        let length = response.body().len();
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = Body::Empty;
    }
    response
}

fn refuse<E: Endpoint>(problem: &Problem) -> Response<Body> {
    let mut response = E::refuse(problem);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(E::CHALLENGE));
    }
    response
}

/// One line per request. No path, query, header or body: a caller may put a secret in any of them.
fn log<E: Endpoint>(request: &Request, reply: &Reply, started: Instant) {
    let request_id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    let source_ip = source_ip(request);
    let (function, method, micros) =
        (E::NAME, request.method().as_str(), started.elapsed().as_micros() as u64);
    match reply {
        Ok(response) => {
            let status = response.status().as_u16();
            tracing::info!(function, method, status, request_id, source_ip, micros, "answered");
        }
        Err(problem) => {
            let (status, code) = (problem.code().status().as_u16(), problem.code().name());
            let cause = problem.causes();
            if status >= 500 {
                tracing::error!(
                    function, method, status, code, cause, request_id, source_ip, micros, "failed"
                );
            } else {
                tracing::info!(
                    function, method, status, code, cause, request_id, source_ip, micros, "refused"
                );
            }
        }
    }
}

/// 200 with `value` as JSON.
///
/// # Errors
/// [`Code::InternalError`] if it cannot be written.
pub fn json_reply(value: &impl Serialize) -> Reply {
    let body = serde_json::to_string(value).map_err(|error| {
        Problem::new(Code::InternalError, "this is our fault, not yours").caused_by(error)
    })?;
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The same for documents anyone may read and keep: from any origin, for an hour.
///
/// # Errors
/// [`Code::InternalError`] if it cannot be written.
pub fn cacheable(value: &impl Serialize) -> Reply {
    let mut response = json_reply(value)?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
