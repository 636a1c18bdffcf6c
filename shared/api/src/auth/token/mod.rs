//! Tokens that a client asks about (A2), and the one that an anonymous user presents (F15).
//!
//! [`hint`] reads where a token claims to come from, so that the right records are read. [`verify`] then verifies it.

mod anonymous;
mod claims;
mod hint;
mod query;
mod verify;

pub use anonymous::anonymous_claims;
pub use claims::{Claims, VerifiedToken};
pub use query::TokenQuery;
