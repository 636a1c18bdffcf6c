//! A whole booth in one process: every function behind one loopback server, with an embedded DynamoDB.
//!
//! The binary `tokenbooth` and the tests are built from these parts.

mod booth;
pub mod commands;
mod demo;
mod deployment;
mod issuer;
mod private_file;

pub use booth::*;
pub use demo::*;
pub use deployment::{Deployment, NewCustomer, PrepareError, Prepared};
pub use issuer::{InvalidIssuerUrl, IssuerUrl};
