//! Window S: calls for a project, from the project's server or from its clients.

mod backend;
mod limits;
mod session;

pub use backend::{ProjectCall, SignedBackend};
pub use session::ProjectSession;
