//! The claims of issued tokens: one file for each kind of token.

mod access;
mod client;
mod device;
mod secure_anonymous;
mod signed;
mod validation;

pub use access::AccessClaims;
pub use client::ClientClaims;
pub use device::DeviceClaims;
pub use secure_anonymous::AnonymousClaims;
pub use signed::{SignedClaims, TokenPurpose};
pub use validation::ClaimsError;
