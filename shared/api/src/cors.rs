//! CORS: calls from web pages of other origins (A9; WHATWG Fetch, 3.3).
//!
//! No endpoint allows credentials that a browser adds by itself, and none allows every origin.

use std::sync::OnceLock;

use lambda_http::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response};
use model::{AllowedOrigins, Origin};

use crate::auth::{Denied, single_header};
use crate::endpoint::Endpoint;

/// The request headers that pages may set.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type");
/// The response headers that pages may read, besides the few that every page may.
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("link, ratelimit, ratelimit-policy, retry-after, www-authenticate");
/// For how many seconds browsers may keep the answer to a preflight. Chromium keeps none for longer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The origin of the page that sent a request, as an extension of the request.
#[derive(Debug, Clone)]
struct PageOrigin {
    header: HeaderValue,
    origin: Origin,
    /// Set if the project or provider of the call allows the origin.
    allowed: OnceLock<()>,
}

/// Reads the origin of a request to an endpoint that pages may call. Requests without `Origin` are not concerned: servers and
/// apps send none.
///
/// # Errors
/// [`Denied::OriginNotAllowed`] if there are several, or one that is malformed or `null`.
pub(crate) fn read_origin<E: Endpoint>(request: &mut Request) -> Result<(), Denied> {
    if E::CORS_METHOD.is_none() {
        return Ok(());
    }
    let Some(header) = request.headers().get(header::ORIGIN).cloned() else { return Ok(()) };
    let text = single_header(request.headers(), "origin").ok_or(Denied::OriginNotAllowed)?;
    let origin = Origin::try_from(text.to_owned()).map_err(|_| Denied::OriginNotAllowed)?;
    request.extensions_mut().insert(PageOrigin { header, origin, allowed: OnceLock::new() });
    Ok(())
}

/// The answer to a preflight: an OPTIONS request in which a browser asks whether a page may send a request. A preflight names
/// no project, so every origin gets the same answer, and nothing is read.
pub(crate) fn preflight<E: Endpoint>(request: &Request) -> Option<Response<Body>> {
    let method = E::CORS_METHOD?;
    let page = request.extensions().get::<PageOrigin>()?;
    let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || !asks {
        return None;
    }
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    page.allow_in(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_str(method.as_str()).ok()?);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    Some(response)
}

/// Requires that a request has no origin, or one in `allowed`: the lists of the project, or of the provider and its API, that
/// the request names. An unknown one allows no origin, so that its answer is that of one with other origins. From then
/// on, the page may read the answer, whatever it is.
///
/// # Errors
/// [`Denied::OriginNotAllowed`].
pub(crate) fn require_allowed_origin<'a>(
    request: &Request,
    allowed: impl IntoIterator<Item = &'a AllowedOrigins>,
) -> Result<(), Denied> {
    let Some(page) = request.extensions().get::<PageOrigin>() else { return Ok(()) };
    if allowed.into_iter().any(|allowed| allowed.contains(&page.origin)) {
        page.allowed.get_or_init(|| ());
        return Ok(());
    }
    Err(Denied::OriginNotAllowed)
}

/// Lets the page read the response, if its origin was found to be allowed.
pub(crate) fn add_headers(request: &Request, response: &mut Response<Body>) {
    let page = request.extensions().get::<PageOrigin>();
    if let Some(page) = page.filter(|page| page.allowed.get().is_some()) {
        page.allow_in(response.headers_mut());
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }
}

impl PageOrigin {
    fn allow_in(&self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.header.clone());
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
}
