//! Window F: providers of tokens for anonymous users, and the user's profile in a request.

mod metadata;
mod profile;
mod provider;

pub use metadata::Metadata;
pub use profile::{Profile, RenewedToken};
pub use provider::{MaxSession, Provider, TokenDuration, token_path};
