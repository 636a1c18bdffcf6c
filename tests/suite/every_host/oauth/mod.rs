//! The OAuth endpoints (A2).

mod introspection;
mod revocation;
mod roles;
mod scopes;
mod shared_secret_tokens;
mod token;
