//! The methods an endpoint allows.

use lambda_http::Request;
use lambda_http::http::Method;

use crate::problem::Problem;

/// Refuses all methods but `method`, which is GET or POST. HEAD arrives as GET.
///
/// # Errors
/// [`Code::MethodNotAllowed`](crate::Code::MethodNotAllowed).
pub fn only(request: &Request, method: &Method) -> Result<(), Problem> {
    if request.method() == method {
        return Ok(());
    }
    Err(Problem::method_not_allowed(if method == Method::GET { "GET, HEAD" } else { "POST" }))
}
