//! Window V: tokens for the devices of a partner's sites.

mod access;
mod documented_requests;
mod introspection;
mod own_introspection;
mod query;
mod token;
