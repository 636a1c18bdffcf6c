//! Reading a request: method, path, query, body and origin.

pub(crate) mod body;
pub(crate) mod form;
pub(crate) mod method;
pub(crate) mod origin;
pub(crate) mod query;

pub use body::{form_or_json, has_path_parameter, json, json_or_empty, json_or_untyped, path_parameter};
pub use form::Form;
pub use method::{Action, action, only};
pub use origin::source_ip;
pub use query::{Paging, flag, parameters};
