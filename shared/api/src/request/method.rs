//! The methods of HTTP: which an endpoint allows, and how the log names them.

use lambda_http::Request;
use lambda_http::http::Method;

use crate::problem::Problem;

/// Refuses all methods except `method`, which is GET or POST. HEAD arrives as GET.
///
/// # Errors
/// [`Code::MethodNotAllowed`](crate::Code::MethodNotAllowed).
pub fn require_method(request: &Request, method: &Method) -> Result<(), Problem> {
    if request.method() == method {
        return Ok(());
    }
    Err(Problem::method_not_allowed(if method == Method::GET { "GET, HEAD" } else { "POST" }))
}

/// The name of the method for the log. A method that RFC 9110 and RFC 5789 do not define is `other`, because its name can
/// be of any length.
#[must_use]
pub fn method_name(method: &Method) -> &str {
    const DEFINED: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if DEFINED.contains(method) { method.as_str() } else { "other" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_only_defined_methods() {
        assert_eq!(method_name(&Method::PATCH), "PATCH");
        let long = Method::from_bytes("X".repeat(20_000).as_bytes()).unwrap();
        assert_eq!(method_name(&long), "other");
    }
}
