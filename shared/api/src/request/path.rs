//! Reads path parameters.

use lambda_http::{Request, RequestExt as _};

use crate::problem::Problem;

/// Reads the path parameter `name` as an id. A malformed id gives the same problem as an unknown one.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound).
pub fn path_parameter<T: std::str::FromStr>(request: &Request, name: &str) -> Result<T, Problem> {
    let text = request.path_parameters_ref().and_then(|parameters| parameters.first(name));
    text.and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)
}

/// Whether the matched route has a path parameter of that name.
#[must_use]
pub fn has_path_parameter(request: &Request, name: &str) -> bool {
    request.path_parameters_ref().is_some_and(|parameters| parameters.first(name).is_some())
}
