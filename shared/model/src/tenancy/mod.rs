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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{ClientId, EntityKind, Name};

    pub(crate) fn entity() -> Entity {
        Entity::new(EntityKind::Customer, None, name(), crate::Timestamp::UNIX_EPOCH)
    }

    /// A key with the client id `aaaaaaaaaaaaaaaaaaaaaaaaaa`.
    pub(crate) fn api_key() -> ApiKey {
        let (owner, now) = (entity(), crate::Timestamp::UNIX_EPOCH);
        let grants = vec![Grant { role: Role::Auditor, entity_id: owner.id }].try_into().unwrap();
        let integration = Integration::new(&owner, name(), grants, now);
        let secret = crypto::Sealed::from_stored(Vec::new());
        ApiKey::new(client_id(), secret, &integration, &owner, name(), now)
    }

    fn client_id() -> ClientId {
        "a".repeat(26).parse().unwrap()
    }

    fn name() -> Name {
        Name::try_from("n".to_owned()).unwrap()
    }
}
