//! The tokens in introspection and revocation requests (A2), and the token that an anonymous user sends (F15).
//!
//! [`hint`] reads the unverified origin of a token, so that the right records are read. [`verify`] then verifies it.

mod anonymous;
mod claims;
mod hint;
mod partner_query;
mod query;
mod resource;
mod verify;

pub use anonymous::{verify_anonymous_text, verify_anonymous_token};
pub use claims::{Claims, VerifiedToken};
pub use hint::PresentedToken;
pub use partner_query::PartnerQuery;
pub use query::TokenQuery;
