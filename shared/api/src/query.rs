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
                    let limit = value.parse().ok().and_then(PageLimit::new);
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

/// The query's parameters, decoded.
///
/// # Errors
/// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
pub(crate) fn parameters(request: &Request) -> Result<Vec<(String, String)>, Problem> {
    let query = request.uri().query().unwrap_or_default();
    serde_urlencoded::from_str(query).map_err(|_| Problem::invalid("query", "is not a query string"))
}
