//! The operation that a request's method and path select.

use admin::Collection;
use api::http::Method;
use api::{Problem, Request};

use crate::path::PathId;

/// An operation on a collection or on one resource in it.
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

/// The methods that a collection allows.
const COLLECTION_METHODS: &str = "GET, HEAD, POST";
/// The methods that a resource allows.
const RESOURCE_METHODS: &str = "GET, HEAD, PATCH, DELETE";

impl Operation {
    /// The operation that the request selects. Other methods are 405.
    pub(crate) fn requested<C: Collection<Id: PathId>>(request: &Request) -> Result<Self, Problem> {
        let method = request.method();
        if C::ROTATES && request.uri().path().ends_with("/rotate") {
            api::require_method(request, &Method::POST)?;
            return Ok(Self::Rotate);
        }
        if api::has_path_parameter(request, C::Id::PARAMETER) {
            return match *method {
                Method::GET => Ok(Self::Show),
                Method::PATCH => Ok(Self::Update),
                Method::DELETE => Ok(Self::Delete),
                _ => Err(Problem::method_not_allowed(RESOURCE_METHODS)),
            };
        }
        match *method {
            Method::GET => Ok(Self::List),
            Method::POST => Ok(Self::Create),
            _ => Err(Problem::method_not_allowed(COLLECTION_METHODS)),
        }
    }
}
