//! Window S: one call of a project's user.

mod session;

pub use session::{By, ProjectSession, Projects};
