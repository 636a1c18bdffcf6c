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
    serde_urlencoded::from_str(query).map_err(|_| Problem::invalid("query", "is not a query string"))
}
