//! The claims of issued tokens: one file for each kind of token.

mod access;
mod api;
mod client;
mod device;
mod entity_path;
mod secure_anonymous;
mod signed;
mod validation;

pub use access::AccessClaims;
pub use api::ApiClaims;
pub use client::ClientClaims;
pub use device::DeviceClaims;
pub use entity_path::EntityPath;
pub use secure_anonymous::{AnonymousClaims, TokenSource};
pub use signed::{SignedClaims, TokenPurpose};
pub use validation::ClaimsError;
