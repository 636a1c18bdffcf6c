//! The edge: a content delivery network in front of the API. It sends the caller's address, because the gateway sees only
//! the address of the edge (V7).

use std::net::IpAddr;

use crypto::{Secret, constant_time_eq};
use lambda_http::Request;
use lambda_http::request::RequestContext;
use lambda_http::{RequestExt as _, http::HeaderMap};

use crate::auth::single_header;
use crate::problem::{Code, Problem};
use crate::request::origin::SourceAddress;

/// The header with a secret that only the edge and its operator know.
pub const ORIGIN_SECRET_HEADER: &str = "x-tokenbooth-origin-secret";

/// The header with the caller's address. It counts only in a request with the secret.
pub const VIEWER_ADDRESS_HEADER: &str = "x-tokenbooth-viewer-address";

/// How many origin secrets count at the same time: the old and the new one of a rotation.
const MAX_SECRETS: usize = 2;

/// How requests from the edge are recognised. By default there is no edge, and no request counts as one from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    secret_digests: Vec<String>,
    is_required: bool,
}

impl Edge {
    /// An edge that sends one of the secrets with these SHA-256 digests: one or two, in lower-case hex, with a comma
    /// between them. If `is_required` is set, other requests are refused.
    ///
    /// # Errors
    /// What is wrong with the digests.
    pub fn parse(digests: &str, is_required: bool) -> Result<Self, &'static str> {
        let is_digest =
            |text: &&str| text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let secret_digests: Vec<_> = digests.split(',').map(str::trim).map(str::to_owned).collect();
        if secret_digests.len() > MAX_SECRETS || !secret_digests.iter().all(|it| is_digest(&it.as_str())) {
            return Err("must be one or two SHA-256 digests in lower-case hex, with a comma between them");
        }
        Ok(Self { secret_digests, is_required })
    }

    /// Determines the caller's address for [`source_ip`](crate::source_ip), and removes both headers from the request, so
    /// that nothing else reads or logs them.
    ///
    /// # Errors
    /// [`Code::EdgeRequired`] if the request must come from the edge and does not.
    pub(crate) fn admit(&self, request: &mut Request) -> Result<(), Problem> {
        let is_from_edge = self.is_sender(request.headers());
        let sent = single_header(request.headers(), VIEWER_ADDRESS_HEADER).filter(|_| is_from_edge);
        let address = sent.and_then(normalized).or_else(|| gateway_address(request));
        request.headers_mut().remove(ORIGIN_SECRET_HEADER);
        request.headers_mut().remove(VIEWER_ADDRESS_HEADER);
        request.extensions_mut().insert(SourceAddress(address));
        if self.is_required && !is_from_edge {
            return Err(Problem::new(Code::EdgeRequired, "use the public url of this deployment"));
        }
        Ok(())
    }

    /// Whether the headers contain one of the secrets. Every digest is compared, in constant time.
    fn is_sender(&self, headers: &HeaderMap) -> bool {
        let Some(sent) = single_header(headers, ORIGIN_SECRET_HEADER) else { return false };
        let digest = Secret::from(sent.to_owned()).digest();
        self.secret_digests.iter().filter(|it| constant_time_eq(it, &digest)).count() > 0
    }
}

/// The one text of an address that has several. `None` if the text is not an address.
fn normalized(text: &str) -> Option<String> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical().to_string())
}

/// The address of the connection to the gateway: the caller's, or behind an edge the edge's.
pub(crate) fn gateway_address(request: &Request) -> Option<String> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source_ip;
    use lambda_http::Body;

    const SECRET: &str = "an-origin-secret";

    fn admitted(edge: &Edge, secret: Option<&str>) -> (Request, Result<(), Problem>) {
        let request = lambda_http::http::Request::builder().header(VIEWER_ADDRESS_HEADER, "203.0.113.7");
        let request = secret.into_iter().fold(request, |it, secret| it.header(ORIGIN_SECRET_HEADER, secret));
        let mut request = request.header("accept", "*/*").body(Body::Empty).unwrap();
        let result = edge.admit(&mut request);
        (request, result)
    }

    #[test]
    fn v7_nobody_after_the_edge_reads_its_headers() {
        let edge = Edge::parse(&Secret::from(SECRET.to_owned()).digest(), false).unwrap();
        for (edge, secret, address) in [
            (&edge, Some(SECRET), Some("203.0.113.7")),
            (&edge, Some("guessed"), None),
            (&edge, None, None),
            (&Edge::default(), Some(SECRET), None),
        ] {
            let (request, result) = admitted(edge, secret);
            assert!(result.is_ok());
            assert_eq!(source_ip(&request), address, "{secret:?}");
            let names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
            assert_eq!(names, ["accept"], "{secret:?}");
        }
    }

    #[test]
    fn a_required_edge_refuses_other_requests() {
        let edge = Edge::parse(&Secret::from(SECRET.to_owned()).digest(), true).unwrap();
        assert!(admitted(&edge, Some(SECRET)).1.is_ok());
        for secret in [None, Some(""), Some("guessed")] {
            assert_eq!(admitted(&edge, secret).1.unwrap_err().code(), Code::EdgeRequired, "{secret:?}");
        }
    }
}
