//! Reads query parameters.

use lambda_http::Request;
use store::PageLimit;

use crate::problem::Problem;

/// Whether the query is `name=true`. An empty query is `false`.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest) for another value or another parameter.
pub fn flag(request: &Request, name: &str) -> Result<bool, Problem> {
    match query_parameters(request)?.as_slice() {
        [] => Ok(false),
        [(given, value)] if given == name && (value == "true" || value == "false") => Ok(value == "true"),
        _ => Err(Problem::invalid(name.to_owned(), "must be true or false, and the only parameter")),
    }
}

/// The decoded parameters of the query.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
pub fn query_parameters(request: &Request) -> Result<Vec<(String, String)>, Problem> {
    decode(request.uri().query().unwrap_or_default())
}

/// The decoded parameters of the query that have one of these names. Other parameters may be of any bytes (V10).
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
pub fn query_parameters_named(request: &Request, names: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let is_named = |pair: &&str| {
        let decoded: Vec<(String, String)> = serde_urlencoded::from_str(pair).unwrap_or_default();
        decoded.iter().any(|(name, _)| names.contains(&name.as_str()))
    };
    let query = request.uri().query().unwrap_or_default();
    let named: Vec<&str> = query.split('&').filter(is_named).collect();
    decode(&named.join("&"))
}

/// Reads the maximum number of items on a page, in plain decimal digits.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
pub fn page_limit(text: &str) -> Result<PageLimit, Problem> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let limit = text.parse().ok().filter(|_| is_plain).and_then(PageLimit::new);
    limit.ok_or_else(|| Problem::invalid("limit", "must be 1 to 100"))
}

fn decode(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = serde_urlencoded::from_str(query).ok().filter(|_| is_text(query.as_bytes()));
    pairs.ok_or_else(|| Problem::invalid("query", "is not a query string in UTF-8"))
}

/// Whether all percent-encoded bytes are UTF-8. `serde_urlencoded` would replace the others by U+FFFD.
pub(crate) fn is_text(encoded: &[u8]) -> bool {
    percent_encoding::percent_decode(encoded).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn read(query: &str) -> Result<Vec<(String, String)>, Problem> {
        let request = lambda_http::http::Request::builder().uri(format!("/?{query}"));
        query_parameters(&request.body(Body::Empty).unwrap())
    }

    #[test]
    fn s8_a_query_that_is_not_utf_8_is_refused() {
        assert_eq!(read("user=%C3%AB+%26").unwrap(), [("user".to_owned(), "\u{eb} &".to_owned())]);
        for bad in ["user=%ff", "%ff=u", "a=b&user=%c3", "user=%c3&x=%ab", "user=%ed%a0%80"] {
            assert_eq!(read(bad).unwrap_err().field(), Some("query"), "{bad}");
        }
    }
}
