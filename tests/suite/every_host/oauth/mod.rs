//! The OAuth endpoints (A2).

mod introspection;
mod revocation;
mod token;
mod windows;
