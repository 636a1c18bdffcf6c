//! The OAuth endpoints (A2).

mod introspection;
mod revocation;
mod scopes;
mod token;
mod windows;
