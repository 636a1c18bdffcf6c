//! Window S: one call for a project, by the project's server or by a client of it.

mod limits;
mod projects;
mod session;

pub use projects::{AllowedCaller, Projects};
pub use session::ProjectSession;
