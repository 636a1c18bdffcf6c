//! The address that a request comes from.

use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};

/// The caller's address as the gateway saw it. Headers are never used (V7).
#[must_use]
pub fn source_ip(request: &Request) -> Option<&str> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    }
}
