//! What the tests share: the booth they ask, its tenants, and short ways to call.

pub(crate) mod call;
pub(crate) mod oauth;
pub(crate) mod partner;
pub(crate) mod project;
pub(crate) mod tenant;
pub(crate) mod world;
pub(crate) mod xdoc;
