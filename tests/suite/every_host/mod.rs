//! What every host must do.

mod access;
mod admin;
mod anonymous;
mod discovery;
mod oauth;
mod partner;
mod rate_limits;
mod routes;
mod signed;
mod tenants;
mod verify;
mod xdoc;
