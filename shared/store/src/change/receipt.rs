//! Where an audit record is in its chain, once it is stored.

use std::sync::{Arc, OnceLock};

use model::{ChainHead, EntityId};

/// Receives the place of an audit record when its transaction is committed. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct AuditReceipt(Arc<OnceLock<(EntityId, ChainHead)>>);

impl AuditReceipt {
    /// The entity concerned, and the head of its chain after the record. `None` if no record was stored.
    #[must_use]
    pub fn head(&self) -> Option<&(EntityId, ChainHead)> {
        self.0.get()
    }

    /// Notes the place. A request stores at most one record, so a second place is ignored.
    pub(crate) fn note(&self, entity: EntityId, head: ChainHead) {
        self.0.get_or_init(|| (entity, head));
    }
}
