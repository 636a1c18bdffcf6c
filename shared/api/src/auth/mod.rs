//! Authenticates callers (API keys, OAuth clients, partners and projects), and verifies the tokens of an OAuth request.
//!
//! Each authentication takes two round trips to DynamoDB: the first one reads the records that the credentials name,
//! the second one the owners of these records ([`lookups`]). Only [`switches`] decides whether something is switched
//! on. The error is always [`Denied`].

mod access_token;
mod administrator;
mod client;
mod credentials;
mod denied;
pub(crate) mod headers;
mod logged_caller;
mod lookups;
mod partner;
mod project;
mod project_or_key;
mod switches;
mod token;

pub use administrator::{ADMIN_CHALLENGE, authenticate_administrator};
pub use client::{Client, ClientCredentials};
pub use credentials::Credentials;
pub use denied::{Denied, Party, Reason};
pub use headers::{bearer, bearer_of, single_header};
pub(crate) use logged_caller::LoggedCaller;
pub use partner::authenticate_partner;
pub(crate) use project::{ProjectCaller, ProjectCredentials, ProjectProof};
pub use project_or_key::{ProjectAccess, authenticate_for_project};
pub use switches::{is_api_on, is_caller_on, is_provider_on};
pub use token::{
    Claims, PartnerQuery, PresentedToken, TokenQuery, VerifiedToken, verify_anonymous_text,
    verify_anonymous_token,
};
