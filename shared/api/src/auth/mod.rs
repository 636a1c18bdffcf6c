//! Proving who calls: an API key, an OAuth client, a partner or a project; and verifying the tokens they ask about.
//!
//! Each proof takes two round trips to DynamoDB: the first one reads what the credentials name, the second one what
//! that belongs to ([`lookups`]). [`switches`] alone decides whether something is switched on, and [`Denied`] is the
//! one error.

mod access_token;
mod administrator;
mod client;
mod credentials;
mod denied;
pub(crate) mod headers;
mod lookups;
mod partner;
mod project;
mod project_or_key;
mod switches;
mod token;

pub use administrator::administrator;
pub use client::{Client, ClientCredentials};
pub use credentials::Credentials;
pub use denied::{Denied, Party, Reason};
pub use headers::{bearer, single_header};
pub use partner::partner;
pub use project::{ProjectCaller, ProjectCredentials, ProjectProof};
pub use project_or_key::{ProjectAccess, project_for};
pub use switches::{is_caller_on, is_provider_on};
pub use token::{Claims, TokenQuery, VerifiedToken, anonymous_claims};
