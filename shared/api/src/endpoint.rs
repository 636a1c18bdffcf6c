//! The trait of every endpoint, and the steps that all endpoints share: size limit, headers, one log line, no panic.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt as _;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use model::EntityId;

use crate::auth::LoggedCaller;
use crate::cors;
use crate::problem::{Code, Problem};
use crate::reply::Reply;
use crate::request::edge::Edge;
use crate::request::method::method_name;
use crate::request::origin::source_ip;
use crate::runtime::log::TARGET;
use crate::runtime::start::{BootError, Start};

/// An endpoint. `local` runs all endpoints in one process, Lambda runs each in its own.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// Its name: folder, package, binary and function.
    const NAME: &'static str;

    /// The challenge in its 401 responses (RFC 9110, 11.6.1).
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\", X-Frame-Signature realm=\"tokenbooth\"";

    /// The method with which pages of other origins may call it, where `require_allowed_origin` lets them (A9). `None`: a
    /// browser lets no page call it.
    const CORS_METHOD: Option<Method> = None;

    /// Prepares it, before the first request.
    fn boot(start: &Start) -> impl Future<Output = Result<Self, BootError>> + Send;

    /// Handles one request.
    fn handle(&self, request: &Request) -> impl Future<Output = Reply> + Send;

    /// Turns a problem into the endpoint's own error format.
    fn refuse(problem: &Problem) -> ErrorResponse {
        ErrorResponse { code: problem.code().name(), response: problem.rfc9457() }
    }
}

/// The last record of an entity's audit chain. As an extension of a response, it is written to the log line.
#[derive(Debug, Clone)]
pub struct AuditHead {
    /// The entity.
    pub entity: EntityId,
    /// The number of the record in the chain.
    pub sequence: u64,
    /// The hash of the record.
    pub hash: String,
}

/// An error response and its code.
#[derive(Debug)]
pub struct ErrorResponse {
    /// The error code in the response, for the log.
    pub code: &'static str,
    /// The response.
    pub response: Response<Body>,
}

/// The maximum length of a body in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Handles `request` and always returns a response. HEAD is answered as GET, without the body. `edge` determines the
/// caller's address.
pub async fn answer<E: Endpoint>(endpoint: &E, edge: &Edge, mut request: Request) -> Response<Body> {
    let started = Instant::now();
    let is_head = request.method() == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
    }
    let admitted = edge.admit(&mut request).and_then(|()| Ok(cors::read_origin::<E>(&mut request)?));
    let (reply, caller) = LoggedCaller::noted_by(handle(endpoint, admitted, &request)).await;
    let line = LogLine::new(E::NAME, &request, caller, started);
    let mut response = match reply {
        Ok(response) => {
            line.answered(response.status(), response.extensions().get());
            response
        }
        Err(problem) => {
            let error = refuse::<E>(&problem);
            line.refused(&error, &problem);
            error.response
        }
    };
    cors::add_headers(&request, &mut response);
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_head {
        let length = response.body().len();
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = Body::Empty;
    }
    response
}

async fn handle<E: Endpoint>(endpoint: &E, admitted: Result<(), Problem>, request: &Request) -> Reply {
    admitted?;
    if let Some(response) = cors::preflight::<E>(request) {
        return Ok(response);
    }
    if request.body().len() > MAX_BODY_BYTES {
        return Err(Problem::new(Code::PayloadTooLarge, "the body must be at most 65536 bytes"));
    }
    let caught = AssertUnwindSafe(endpoint.handle(request)).catch_unwind().await;
    caught.unwrap_or_else(|_| Err(Problem::internal("the handler panicked")))
}

fn refuse<E: Endpoint>(problem: &Problem) -> ErrorResponse {
    let mut error = E::refuse(problem);
    if error.response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(E::CHALLENGE);
        error.response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    error
}

/// The log line of one request. It contains no path, query, header or body, because each of them may contain a secret. The
/// route is the template of the path, and the ids of the caller were parsed.
struct LogLine<'a> {
    function: &'static str,
    method: &'a str,
    route: Option<&'a str>,
    request_id: Option<&'a str>,
    source_ip: Option<&'a str>,
    caller: LoggedCaller,
    started: Instant,
}

/// Writes a line with the fields of every request, and with the fields that the call names.
macro_rules! write_line {
    ($level:ident, $line:expr, $message:literal, $($field:ident),+) => {{
        let LogLine { function, method, route, request_id, source_ip, caller, started } = $line;
        let LoggedCaller { client_id, claimed_client_id, partner_key_id, tenant } = caller;
        let micros = started.elapsed().as_micros() as u64;
        tracing::$level!(
            target: TARGET, function, method, route, $($field,)+ client_id, claimed_client_id, partner_key_id, tenant,
            request_id, source_ip, micros, $message
        );
    }};
}

impl<'a> LogLine<'a> {
    fn new(function: &'static str, request: &'a Request, caller: LoggedCaller, started: Instant) -> Self {
        let (request_id, route) = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                (context.request_id.as_deref(), context.route_key.as_deref().map(template))
            }
            _ => (None, None),
        };
        let (method, source_ip) = (method_name(request.method()), source_ip(request));
        Self { function, method, route, request_id, source_ip, caller, started }
    }

    /// Logs the status. After a change, also logs the head of the audit chain: the log is not in the table, so it shows
    /// whether the chain was rewritten.
    fn answered(&self, status: StatusCode, head: Option<&AuditHead>) {
        let status = status.as_u16();
        let audit_entity = head.map(|head| tracing::field::display(head.entity));
        let (audit_sequence, audit_hash) = (head.map(|head| head.sequence), head.map(|head| &*head.hash));
        write_line!(info, self, "answered", status, audit_entity, audit_sequence, audit_hash);
    }

    /// Logs the status and the code that the caller gets, and the cause that it does not get.
    fn refused(&self, error: &ErrorResponse, problem: &Problem) {
        let (status, code, cause) = (error.response.status().as_u16(), error.code, problem.causes());
        if status >= 500 {
            write_line!(error, self, "failed", status, code, cause);
        } else {
            write_line!(info, self, "refused", status, code, cause);
        }
    }
}

/// The path in a route key: `/v1/token` of `ANY /v1/token`.
fn template(route_key: &str) -> &str {
    route_key.split_once(' ').map_or(route_key, |(_, path)| path)
}
