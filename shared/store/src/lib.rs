//! The promises tokenbooth makes to DynamoDB: one table, one file per kind of item, each access pattern one named
//! function.
//!
//! [`Directory`] is the hot path: cached reads in as few round trips as the keys allow. [`Registry`] is the Admin
//! API's: consistent reads, and transactions that write a change, its audit record and its idempotency record
//! together or not at all.

mod api_keys;
mod audit;
mod buckets;
mod data_key;
mod devices;
mod directory;
mod entities;
mod error;
mod history;
mod idempotency;
mod integrations;
mod issuer;
mod key;
mod metered;
mod open_secrets;
mod page;
mod partner_keys;
mod partners;
mod projects;
mod providers;
mod registry;
mod revocations;
mod schema;
mod signing_keys;
mod sites;
mod table;
mod token_sets;
mod transaction;

pub use buckets::{Bucket, Take};
pub use data_key::{DataKeyFile, DataKeySource};
pub use devices::{Devices, Event, Sighting};
pub use directory::{Credential, Directory, Lookup, OpenProject, OpenSite, View};
pub use error::{Refusal, StoreError, WriteError};
pub use history::{AccessPage, Concerning};
pub use idempotency::{Remembered, Replay};
pub use issuer::Issuer;
pub use open_secrets::OpenSecrets;
pub use page::{Cursor, MalformedCursor, Page, PageLimit};
pub use projects::ProjectOwner;
pub use registry::{Change, Registry};
pub use signing_keys::SigningKeys;
pub use sites::SiteOwner;
pub use table::Table;
