//! The address that a request comes from.

use lambda_http::Request;

/// The caller's address, which [`Edge`](crate::Edge) determines before a handler gets the request.
#[derive(Debug, Clone)]
pub(crate) struct SourceAddress(pub(crate) Option<String>);

/// The caller's address as the gateway saw it, or behind an edge as the edge saw it. It never comes from a header that the
/// caller sent (V7).
#[must_use]
pub fn source_ip(request: &Request) -> Option<&str> {
    request.extensions().get::<SourceAddress>()?.0.as_deref()
}
