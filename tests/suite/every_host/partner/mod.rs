//! Window V: tokens for the devices of a partner's sites.

mod access;
mod documented;
mod introspected;
mod query;
mod token;
