//! Window S: calls for a project, from the project's server or from its clients.

mod limits;
mod projects;
mod session;

pub use projects::{AllowedCaller, Projects};
pub use session::ProjectSession;
