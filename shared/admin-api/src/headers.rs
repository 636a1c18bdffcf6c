//! The headers `ETag`, `If-Match` and `Idempotency-Key`.

use admin::{Idempotency, IdempotencyKey};
use api::http::{HeaderValue, header};
use api::{Problem, Request};

/// The version in `If-Match` (RFC 9110, 13.1.1). `None` without the header, and for `*`, which matches every version.
///
/// # Errors
/// [`api::Code::InvalidRequest`] for a tag that this API does not use.
pub fn expected_version(request: &Request) -> Result<Option<u64>, Problem> {
    if !request.headers().contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    match api::single_header(request.headers(), "if-match") {
        Some("*") => Ok(None),
        tag => match tag.and_then(version) {
            Some(version) => Ok(Some(version)),
            None => Err(Problem::invalid("if-match", "must be one ETag of ours, or *")),
        },
    }
}

/// The version in a tag: decimal digits in quotes. A tag with leading zeros never matches: it gives version 0, which no
/// resource has.
fn version(tag: &str) -> Option<u64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let fits = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        return None;
    }
    if digits.starts_with('0') { Some(0) } else { digits.parse().ok() }
}

/// The tag of a version.
pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The key in `Idempotency-Key`, with the fingerprint of the request: method, path, query and body.
pub(crate) fn idempotency(request: &Request) -> Result<Option<Idempotency>, Problem> {
    const NAME: &str = "idempotency-key";
    if !request.headers().contains_key(NAME) {
        return Ok(None);
    }
    let text = api::single_header(request.headers(), NAME).unwrap_or_default();
    let key: IdempotencyKey = text
        .parse()
        .map_err(|error: admin::InvalidIdempotencyKey| Problem::invalid(NAME, error.to_string()))?;
    let uri = request.uri();
    let line = format!("{} {} {}\n", request.method(), uri.path(), uri.query().unwrap_or_default());
    let fingerprint = [line.as_bytes(), request.body().as_ref()].concat();
    Ok(Some(Idempotency { key, fingerprint }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Body, http};

    fn expected(tag: &str) -> Option<Option<u64>> {
        let request = http::Request::builder().header("if-match", tag).body(Body::Empty).unwrap();
        expected_version(&request).ok()
    }

    #[test]
    fn a4_if_match_takes_our_tags_and_a_star() {
        for (tag, version) in [
            ("\"1\"", Some(Some(1))),
            ("\"100000000000000000\"", Some(Some(100_000_000_000_000_000))),
            ("*", Some(None)),
            ("\"01\"", Some(Some(0))),
            ("1", None),
            ("W/\"1\"", None),
            ("\"\"", None),
            ("\"+1\"", None),
            ("\"1000000000000000000\"", None),
            ("\"1\", \"2\"", None),
        ] {
            assert_eq!(expected(tag), version, "{tag}");
        }
        assert_eq!(etag(7), "\"7\"");
    }
}
