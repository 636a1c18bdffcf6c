//! Reads the headers that contain credentials.

use lambda_http::Request;
use lambda_http::http::HeaderMap;

/// The value of a header that occurs exactly once and is text.
#[must_use]
pub fn single_header<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next()?, values.next());
    if second.is_some() { None } else { first.to_str().ok() }
}

/// The token in `Authorization: Bearer` (RFC 6750, 2.1).
#[must_use]
pub fn bearer(request: &Request) -> Option<&str> {
    bearer_of(single_header(request.headers(), "authorization")?)
}

/// The token in the value of an `Authorization` header.
#[must_use]
pub fn bearer_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
}

/// The scheme and the credentials of the `Authorization` header.
pub(crate) fn authorization(request: &Request) -> Option<(&str, &str)> {
    single_header(request.headers(), "authorization")?.split_once(' ')
}

/// Whether the request has a header of a signed request (F10).
pub(crate) fn has_signature(request: &Request) -> bool {
    request.headers().keys().any(|name| name.as_str().starts_with("x-frame-"))
}
