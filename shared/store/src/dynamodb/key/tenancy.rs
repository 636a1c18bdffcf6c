//! Entities, integrations and API keys.

use model::{ClientId, EntityId, IntegrationId, Name};

use super::{ItemKey, List, NameKeys};

pub(super) fn entity_partition(id: EntityId) -> String {
    format!("entity#{id}")
}

pub(crate) fn entity(id: EntityId) -> ItemKey {
    ItemKey::new(entity_partition(id), "entity")
}

pub(crate) fn entity_dependents(id: EntityId) -> ItemKey {
    ItemKey::new(entity_partition(id), "dependents")
}

pub(crate) fn children(parent: EntityId) -> List {
    List::with_prefix(entity_partition(parent), "child#")
}

pub(crate) fn child_entry(parent: EntityId, id: EntityId) -> ItemKey {
    children(parent).item_at(&id.to_string())
}

/// The name of an entity among its siblings. Customers have no parent and are siblings of each other.
pub(crate) fn child_name(parent: Option<EntityId>, name: &Name) -> NameKeys {
    let pk = parent.map_or_else(|| "customers".to_owned(), entity_partition);
    NameKeys::new(&pk, ["child-name#", "child-look#"], name)
}

pub(crate) fn integrations(entity: EntityId) -> List {
    List::with_prefix(entity_partition(entity), "integration#")
}

pub(crate) fn integration(entity: EntityId, id: IntegrationId) -> ItemKey {
    integrations(entity).item_at(&id.to_string())
}

pub(crate) fn integration_name(entity: EntityId, name: &Name) -> NameKeys {
    NameKeys::new(&entity_partition(entity), ["integration-name#", "integration-look#"], name)
}

pub(crate) fn integration_dependents(entity: EntityId, id: IntegrationId) -> ItemKey {
    ItemKey::new(entity_partition(entity), format!("dependents#{id}"))
}

pub(crate) fn api_key(id: &ClientId) -> ItemKey {
    ItemKey::new(format!("key#{id}"), "key")
}

pub(crate) fn api_keys(entity: EntityId, integration: IntegrationId) -> List {
    List::with_prefix(entity_partition(entity), format!("key#{integration}#"))
}

pub(crate) fn api_key_entry(entity: EntityId, integration: IntegrationId, id: &ClientId) -> ItemKey {
    api_keys(entity, integration).item_at(id.as_str())
}

pub(crate) fn api_key_name(entity: EntityId, integration: IntegrationId, name: &Name) -> NameKeys {
    let prefixes = ["key-name#", "key-look#"].map(|prefix| format!("{prefix}{integration}#"));
    NameKeys::new(&entity_partition(entity), prefixes.each_ref().map(String::as_str), name)
}
