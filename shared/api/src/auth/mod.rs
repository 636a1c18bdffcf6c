//! Proving who calls: an API key, an OAuth client, or a project; and what a token says that somebody asks about.

pub(crate) mod client;
pub(crate) mod credentials;
pub(crate) mod project;
pub(crate) mod project_or_key;
pub(crate) mod token;
pub(crate) mod token_query;

pub use client::{Client, ClientCredentials};
pub use credentials::{Credentials, Denied, bearer, single};
pub use project::{ProjectCaller, ProjectCredentials, ProjectProof};
pub use project_or_key::{ProjectAccess, project_for};
pub use token::{Claims, Known, Presented};
pub use token_query::Inquiry;
