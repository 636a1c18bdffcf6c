//! The Admin API (A4): maps each HTTP request to an operation of [`admin`], and the result to a response.

mod audit_query;
mod backend;
mod headers;
mod http;
mod key_file;
mod operation;
mod paging;
mod path;
mod problem;
mod refusal;
mod reply;
mod signed_query;

pub use audit_query::{audit_query, notice_query};
pub use backend::Backend;
pub use headers::expected_version;
pub use http::Http;
pub use paging::listing;
pub use path::{FromPath, PathId};
pub use problem::problem;
pub use reply::{accepted, attachment, page, resource};
pub use signed_query::{history_query, user_query};
