//! Own APIs (A7).

use model::{ApiId, EntityId, Name};

use super::tenancy::entity_partition;
use super::{ItemKey, List, NameKeys};

pub(crate) fn api(id: ApiId) -> ItemKey {
    ItemKey::new(format!("api#{id}"), "api")
}

pub(crate) fn apis(entity: EntityId) -> List {
    List::with_prefix(entity_partition(entity), "api#")
}

pub(crate) fn api_entry(entity: EntityId, id: ApiId) -> ItemKey {
    apis(entity).item_at(&id.to_string())
}

pub(crate) fn api_name(entity: EntityId, name: &Name) -> NameKeys {
    NameKeys::new(&entity_partition(entity), ["api-name#", "api-look#"], name)
}

/// `identifier` is folded, see [`model::ApiIdentifier::folded`].
pub(crate) fn api_of_identifier(identifier: &str) -> ItemKey {
    ItemKey::new(format!("{API_IDENTIFIERS}{identifier}"), "api")
}

/// The start of the partition key of each identifier.
pub(crate) const API_IDENTIFIERS: &str = "api-identifier#";
