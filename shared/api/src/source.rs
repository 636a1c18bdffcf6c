//! Where a request came from.

use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};

/// The caller's address as the gateway saw it, never as a header of the caller's says.
#[must_use]
pub fn source_ip(request: &Request) -> Option<String> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
}
