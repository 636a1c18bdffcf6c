//! What a method means on a path.

use admin::Collection;
use api::http::Method;
use api::{Problem, Request};

use crate::path::PathId;

/// What a request asks of a kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
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
    /// POST on `rotate` below a resource.
    Rotate,
}

/// The methods of a collection.
const COLLECTION: &str = "GET, HEAD, POST";
/// The methods of a resource.
const RESOURCE: &str = "GET, HEAD, PATCH, DELETE";

impl Operation {
    /// The operation that the request's method means on its path, or 405.
    pub(crate) fn requested<C: Collection<Id: PathId>>(request: &Request) -> Result<Self, Problem> {
        let method = request.method();
        if C::ROTATES && request.uri().path().ends_with("/rotate") {
            api::only(request, &Method::POST)?;
            return Ok(Self::Rotate);
        }
        if api::has_path_parameter(request, C::Id::PARAMETER) {
            return match *method {
                Method::GET => Ok(Self::Show),
                Method::PATCH => Ok(Self::Update),
                Method::DELETE => Ok(Self::Delete),
                _ => Err(Problem::method_not_allowed(RESOURCE)),
            };
        }
        match *method {
            Method::GET => Ok(Self::List),
            Method::POST => Ok(Self::Create),
            _ => Err(Problem::method_not_allowed(COLLECTION)),
        }
    }
}
