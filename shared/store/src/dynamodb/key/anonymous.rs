//! Window F: providers.

use model::{EntityId, ProviderId};

use super::tenancy::entity_partition;
use super::{ItemKey, List};

pub(crate) fn providers(entity: EntityId) -> List {
    List::with_prefix(entity_partition(entity), "provider#")
}

pub(crate) fn provider(entity: EntityId, id: ProviderId) -> ItemKey {
    providers(entity).item_at(&id.to_string())
}
