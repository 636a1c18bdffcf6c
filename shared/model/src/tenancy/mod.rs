//! Tenants and permissions: entities, roles, integrations, API keys and callers.

mod api_key;
mod caller;
mod entity;
mod integration;
mod key_file;
mod role;
mod scope;
mod scopes;

pub use api_key::{ApiKey, KEYS_PER_INTEGRATION};
pub use caller::{Caller, PermissionDenied};
pub use entity::{Entity, Lineage, Status};
pub use integration::{Grant, Grants, Integration, InvalidGrants};
pub use key_file::KeyFile;
pub use role::Role;
pub use scope::{Level, Resource, Scope};
pub use scopes::Scopes;
