//! A deployment: its table with data key, signing keys, issuer and customers.

mod customer;
mod error;
mod prepare;

pub use customer::NewCustomer;
pub use error::PrepareError;
pub(crate) use prepare::parse_name;
pub use prepare::{Deployment, Prepared};
