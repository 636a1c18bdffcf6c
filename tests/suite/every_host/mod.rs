//! Tests that pass on every host: a local booth, `cargo lambda`, SAM and AWS.

mod access;
mod admin;
mod anonymous;
mod apis;
mod attacks;
pub(crate) mod browsers;
mod discovery;
mod oauth;
mod partner;
mod rate_limits;
mod routes;
mod signed;
mod tenants;
mod verify;
mod xdoc;
