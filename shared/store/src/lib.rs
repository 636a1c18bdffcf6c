//! The promises tokenbooth makes to DynamoDB: one table, one file per kind of item, each access pattern one named
//! function.
//!
//! [`Directory`] is the hot path: cached reads in as few round trips as the keys allow. [`Registry`] is the Admin
//! API's: consistent reads, and transactions that write a change, its audit record and its idempotency record
//! together or not at all.

mod api_keys;
mod audit;
mod data_key;
mod directory;
mod entities;
mod error;
mod idempotency;
mod integrations;
mod issuer;
mod key;
mod page;
mod providers;
mod registry;
mod schema;
mod signing_keys;
mod table;
mod transaction;

pub use data_key::{DataKeyFile, DataKeySource};
pub use directory::{Credential, Directory, Lookup, View};
pub use error::{Refusal, StoreError, WriteError};
pub use idempotency::{Remembered, Replay};
pub use issuer::Issuer;
pub use page::{Cursor, MalformedCursor, Page, PageLimit};
pub use registry::{Change, Registry};
pub use signing_keys::SigningKeys;
pub use table::Table;
