//! The audit log and notices.

use model::EntityId;

use super::{ItemKey, List};

/// The source addresses of the audit records of an entity.
pub(crate) fn audit_addresses(entity: EntityId) -> List {
    List::with_prefix(format!("audit-address#{entity}"), "")
}

pub(crate) fn audit_log(entity: EntityId) -> List {
    List::newest_first(format!("audit#{entity}"))
}

pub(crate) fn audit_record(entity: EntityId, record: uuid::Uuid) -> ItemKey {
    audit_log(entity).item_at(&record.to_string())
}

/// The source address of an audit record of `entity`.
pub(crate) fn audit_address(entity: EntityId, record: uuid::Uuid) -> ItemKey {
    ItemKey::new(format!("audit-address#{entity}"), record.to_string())
}

pub(crate) fn chain_head(entity: EntityId) -> ItemKey {
    ItemKey::new(format!("chain#{entity}"), "head")
}

pub(crate) fn notices(entity: EntityId) -> List {
    List::newest_first(format!("notice#{entity}"))
}

pub(crate) fn notice(entity: EntityId, id: uuid::Uuid) -> ItemKey {
    notices(entity).item_at(&id.to_string())
}
