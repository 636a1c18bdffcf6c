//! What the tests share: the booth they ask, its tenants, and short ways to call.

pub(crate) mod call;
pub(crate) mod oauth;
pub(crate) mod owners;
pub(crate) mod partner;
pub(crate) mod projects;
pub(crate) mod sealed;
pub(crate) mod tenant;
pub(crate) mod world;
