//! Everything tokenbooth stores: one DynamoDB table, one file per kind of item, one named function per access pattern.
//!
//! - [`Directory`] serves requests for tokens: cached reads, in as few requests to DynamoDB as the keys allow.
//! - [`Registry`] serves the Admin API: consistent reads, and transactions that write a change together with its
//!   audit records and its idempotency record, on condition that the caller is as it was read.
//! - [`Erasure`] deletes what deleted projects, users and entities left.
//! - [`Devices`] serves window S: devices of users, and the history of calls.
//!
//! The layout of the table is described in `dynamodb/key/mod.rs`.

mod audit_reader;
mod buckets;
mod change;
mod deployment;
mod directory;
mod dynamodb;
mod erasure;
mod error;
mod open_secrets;
mod registry;
mod sealed_values;
mod signed;

pub use audit_reader::{AuditReader, StoredRecord};
pub use buckets::{Bucket, WriteResult};
pub use change::{AuditReceipt, CallerItems, Change, IdempotencyRecord};
pub use deployment::*;
pub use directory::{Credential, Directory, Lookup, OpenProject, OpenSite, View};
pub use dynamodb::*;
pub use erasure::{Erasure, IndexedUsers, Progress, WaitingJobs};
pub use error::{AttachError, ListError, Refusal, StoreError, WriteError};
pub use open_secrets::OpenSecrets;
pub use registry::*;
pub use signed::*;
