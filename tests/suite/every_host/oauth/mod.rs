//! The OAuth endpoints (A2).

mod introspection;
mod revocation;
mod scopes;
mod shared_secret_tokens;
mod token;
