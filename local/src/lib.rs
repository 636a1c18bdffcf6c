//! The whole booth in one process: every function's handler behind one loopback server, with an embedded DynamoDB.
//!
//! The binary `tokenbooth` is made of these parts, and so are the tests.

mod booth;
pub mod cli;
mod demo;
mod demo_partner;
mod demo_project;
mod deployment;
mod embedded;
mod event;
mod functions;
mod gateway;
mod init;
mod private_file;
mod project_settings;
mod routes;
mod screen;
mod seal;
mod serve;
mod sign_request;
mod unseal;

pub use booth::{Booth, BoothError, Options, TABLE};
pub use demo::{Demo, KeyFile, SecureAnonymous};
pub use demo_partner::DemoPartner;
pub use demo_project::{DemoProject, DemoTokenSet};
pub use deployment::{Deployment, NewCustomer};
pub use embedded::Embedded;
pub use functions::{Functions, Handler};
pub use gateway::Gateway;
pub use routes::{Route, Routes};
