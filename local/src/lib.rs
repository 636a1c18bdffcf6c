//! The whole booth in one process: every function's handler behind one loopback server, with an embedded DynamoDB.
//!
//! The binary `tokenbooth` is made of these parts, and so are the tests.

mod booth;
pub mod commands;
mod demo;
mod deployment;
mod private_file;

pub use booth::*;
pub use demo::*;
pub use deployment::{Deployment, NewCustomer};
