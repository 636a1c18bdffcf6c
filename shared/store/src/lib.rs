//! The promises tokenbooth makes to DynamoDB: one table, one file per kind of item, each access pattern one named
//! function.
//!
//! [`Directory`] is the hot path: cached reads in as few round trips as the keys allow. [`Registry`] is the Admin
//! API's: consistent reads, and transactions that write a change, its audit record and its idempotency record
//! together or not at all.

mod buckets;
mod deployment;
mod directory;
mod dynamodb;
mod error;
mod open_secrets;
mod registry;
mod signed;

pub use buckets::{Bucket, TakeOutcome};
pub use deployment::*;
pub use directory::{Credential, Directory, Lookup, OpenProject, OpenSite, View};
pub use dynamodb::*;
pub use error::{Refusal, StoreError, WriteError};
pub use open_secrets::OpenSecrets;
pub use registry::*;
pub use signed::*;
