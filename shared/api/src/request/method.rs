//! Reading a request's method.

use lambda_http::Request;
use lambda_http::http::Method;

use crate::problem::Problem;
use crate::request::path::has_path_parameter;

/// What a request does with a collection, or with one resource in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// GET on the collection.
    List,
    /// POST on the collection.
    Create,
    /// GET on a resource.
    Show,
    /// PATCH on a resource.
    Update,
    /// DELETE on a resource.
    Delete,
}

/// Reads the action from the method. The path names a resource if it has the parameter `id`.
///
/// # Errors
/// [`Code::MethodNotAllowed`](crate::Code::MethodNotAllowed).
pub fn action(request: &Request, id: &str) -> Result<Action, Problem> {
    match (has_path_parameter(request, id), request.method()) {
        (false, &Method::GET) => Ok(Action::List),
        (false, &Method::POST) => Ok(Action::Create),
        (false, _) => Err(Problem::method_not_allowed("GET, HEAD, POST")),
        (true, &Method::GET) => Ok(Action::Show),
        (true, &Method::PATCH) => Ok(Action::Update),
        (true, &Method::DELETE) => Ok(Action::Delete),
        (true, _) => Err(Problem::method_not_allowed("GET, HEAD, PATCH, DELETE")),
    }
}

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
