//! Erases what a deleted entity left: notices and source addresses, before they expire.

use model::EntityId;

use crate::dynamodb::key;
use crate::erasure::pass::{Pass, Stopped};

impl Pass<'_> {
    pub(super) async fn entity(&self, entity: EntityId) -> Result<(), Stopped> {
        self.delete_list(&key::notices(entity)).await?;
        self.delete_list(&key::audit_addresses(entity)).await
    }
}
