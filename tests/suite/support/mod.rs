//! Shared test support: the booth under test, its tenants, and short methods for requests.

pub(crate) mod access_tokens;
pub(crate) mod api;
pub(crate) mod assertions;
pub(crate) mod call;
pub(crate) mod jwt;
pub(crate) mod oauth;
pub(crate) mod partner;
pub(crate) mod project;
pub(crate) mod tenant;
pub(crate) mod world;
pub(crate) mod xdoc;
