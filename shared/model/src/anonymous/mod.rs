//! Window F: providers of tokens for anonymous users, and what a request says of the user.

mod metadata;
mod profile;
mod provider;

pub use metadata::Metadata;
pub use profile::Profile;
pub use provider::{Provider, TokenDuration};
