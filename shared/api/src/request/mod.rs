//! Reads a request: method, path, query, body and origin.

pub(crate) mod body;
pub(crate) mod edge;
pub(crate) mod form;
mod forwarded;
mod json;
pub(crate) mod method;
pub(crate) mod origin;
pub(crate) mod path;
pub(crate) mod query;

pub use body::{FormFields, form_or_json, json, json_of_any_client, json_or_empty};
pub use edge::{Edge, ORIGIN_SECRET_HEADER, VIEWER_ADDRESS_HEADER};
pub use form::Form;
pub use forwarded::forwarded_address;
pub use method::{method_name, require_method};
pub use origin::source_ip;
pub use path::{has_path_parameter, path_parameter};
pub use query::{flag, page_limit, query_parameters, query_parameters_named};
