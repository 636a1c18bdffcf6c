//! The table's layout: where every kind of item lives.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | issuer URL and public keys | `issuer` | `issuer` |
//! | wrapped data key | `deployment` | `deployment` |
//! | sealed private signing keys | `signing-keys` | `signing-keys` |
//! | API key | `key#<client id>` | `key` |
//! | entity | `entity#<id>` | `entity` |
//! | how many things depend on it | `entity#<id>` | `dependents` |
//! | a child of it, and the name it claims | `entity#<id>` | `child#<id>`, `child-name#<name>` |
//! | integration, and the name it claims | `entity#<id>` | `integration#<id>`, `integration-name#<name>` |
//! | how many keys it has | `entity#<id>` | `dependents#<integration id>` |
//! | a key of it, and the name it claims | `entity#<id>` | `key#<integration id>#<client id>`, `key-name#<integration id>#<name>` |
//! | provider | `entity#<id>` | `provider#<id>` |
//! | the name the operator made a customer under | `customers` | `child-name#<name>` |
//! | audit record, once per entity concerned and ancestor | `audit#<entity id>` | `<record id>` |
//! | idempotency record | `idempotency#<client id>` | `<hash>` |
//!
//! The prefixes of `pk` are what the policies in `template.yaml` allow or refuse.

use model::{ClientId, EntityId, IntegrationId, Name, ProviderId};

/// The key of one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ItemKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl ItemKey {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The place as one text: the associated data of what is sealed there.
    pub(crate) fn place(&self) -> String {
        format!("{}|{}", self.pk, self.sk)
    }
}

pub(crate) fn issuer() -> ItemKey {
    ItemKey::new("issuer", "issuer")
}

pub(crate) fn deployment() -> ItemKey {
    ItemKey::new("deployment", "deployment")
}

pub(crate) fn signing_keys() -> ItemKey {
    ItemKey::new("signing-keys", "signing-keys")
}

pub(crate) fn api_key(id: &ClientId) -> ItemKey {
    ItemKey::new(format!("key#{id}"), "key")
}

pub(crate) fn of_entity(id: EntityId) -> String {
    format!("entity#{id}")
}

pub(crate) fn entity(id: EntityId) -> ItemKey {
    ItemKey::new(of_entity(id), "entity")
}

pub(crate) fn dependents(id: EntityId) -> ItemKey {
    ItemKey::new(of_entity(id), "dependents")
}

pub(crate) const CHILD: &str = "child#";

pub(crate) fn child(parent: EntityId, id: EntityId) -> ItemKey {
    ItemKey::new(of_entity(parent), format!("{CHILD}{id}"))
}

/// The name of an entity among its siblings; customers are siblings of each other.
pub(crate) fn child_name(parent: Option<EntityId>, name: &Name) -> ItemKey {
    let pk = parent.map_or_else(|| "customers".to_owned(), of_entity);
    ItemKey::new(pk, format!("child-name#{}", name.folded()))
}

pub(crate) const INTEGRATION: &str = "integration#";

pub(crate) fn integration(entity: EntityId, id: IntegrationId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("{INTEGRATION}{id}"))
}

pub(crate) fn integration_name(entity: EntityId, name: &Name) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("integration-name#{}", name.folded()))
}

pub(crate) fn integration_dependents(entity: EntityId, id: IntegrationId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("dependents#{id}"))
}

pub(crate) fn keys_of(id: IntegrationId) -> String {
    format!("key#{id}#")
}

pub(crate) fn key_of(entity: EntityId, integration: IntegrationId, id: &ClientId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("{}{id}", keys_of(integration)))
}

pub(crate) fn key_name(entity: EntityId, integration: IntegrationId, name: &Name) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("key-name#{integration}#{}", name.folded()))
}

pub(crate) const PROVIDER: &str = "provider#";

pub(crate) fn provider(entity: EntityId, id: ProviderId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("{PROVIDER}{id}"))
}

pub(crate) fn audit_of(entity: EntityId) -> String {
    format!("audit#{entity}")
}

pub(crate) fn audit(entity: EntityId, record: uuid::Uuid) -> ItemKey {
    ItemKey::new(audit_of(entity), record.to_string())
}

pub(crate) fn idempotency(caller: &ClientId, hash: &str) -> ItemKey {
    ItemKey::new(format!("idempotency#{caller}"), hash)
}
