//! Reading query parameters: known names, once each.

use lambda_http::Request;
use store::{Cursor, PageLimit};

use crate::problem::Problem;

/// Where in a list the caller is, and what it filters by.
#[derive(Debug, Default)]
pub struct Paging {
    /// How many items a page holds.
    pub limit: PageLimit,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// The value of the filter, if the list has one and the caller used it.
    pub filter: Option<String>,
}

impl Paging {
    /// Reads `limit`, `cursor` and, if the list has one, the parameter named `filter`.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`](crate::Code::InvalidRequest) naming the parameter.
    pub fn read(request: &Request, filter: Option<&str>) -> Result<Self, Problem> {
        let mut paging = Self::default();
        let mut seen = Vec::new();
        for (name, value) in parameters(request)? {
            if seen.contains(&name) {
                return Err(Problem::invalid(name, "is given twice"));
            }
            match name.as_str() {
                "limit" => {
                    let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
                    let limit = value.parse().ok().filter(|_| plain).and_then(PageLimit::new);
                    paging.limit = limit.ok_or_else(|| Problem::invalid("limit", "must be 1 to 100"))?;
                }
                "cursor" => {
                    let cursor = value.parse();
                    let refuse = |_| Problem::invalid("cursor", "must be a next_cursor of this list");
                    paging.cursor = Some(cursor.map_err(refuse)?);
                }
                other if Some(other) == filter => paging.filter = Some(value),
                _ => return Err(Problem::invalid(name, "is not a parameter of this list")),
            }
            seen.push(name);
        }
        Ok(paging)
    }
}

/// Whether the query says `name=true`; `false` unless it does.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest) for another value or another parameter.
pub fn flag(request: &Request, name: &str) -> Result<bool, Problem> {
    match parameters(request)?.as_slice() {
        [] => Ok(false),
        [(given, value)] if given == name && (value == "true" || value == "false") => Ok(value == "true"),
        _ => Err(Problem::invalid(name.to_owned(), "must be true or false, and the only parameter")),
    }
}

/// The query's parameters, decoded.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
pub fn parameters(request: &Request) -> Result<Vec<(String, String)>, Problem> {
    let query = request.uri().query().unwrap_or_default();
    let pairs = serde_urlencoded::from_str(query).ok().filter(|_| is_text(query.as_bytes()));
    pairs.ok_or_else(|| Problem::invalid("query", "is not a query string in UTF-8"))
}

/// Whether all that is percent-encoded there is UTF-8, for `serde_urlencoded` puts U+FFFD in the place of what is not.
pub(crate) fn is_text(encoded: &[u8]) -> bool {
    percent_encoding::percent_decode(encoded).decode_utf8().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn read(query: &str) -> Result<Vec<(String, String)>, Problem> {
        let request = lambda_http::http::Request::builder().uri(format!("/?{query}"));
        parameters(&request.body(Body::Empty).unwrap())
    }

    #[test]
    fn s8_a_query_is_read_in_utf_8_or_not_at_all() {
        assert_eq!(read("user=%C3%AB+%26").unwrap(), [("user".to_owned(), "\u{eb} &".to_owned())]);
        for bad in ["user=%ff", "%ff=u", "a=b&user=%c3", "user=%c3&x=%ab", "user=%ed%a0%80"] {
            assert_eq!(read(bad).unwrap_err().field(), Some("query"), "{bad}");
        }
    }
}
