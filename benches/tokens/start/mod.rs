//! The start of functions: on this machine, and with DynamoDB and KMS behind a network.

pub(crate) mod cold_start;
pub(crate) mod remote_start;
mod runtime_api;
