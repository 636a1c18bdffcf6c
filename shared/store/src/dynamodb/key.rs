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
//! | partner, and the name it claims | `entity#<id>` | `partner#<id>`, `partner-name#<name>` |
//! | how many keys and sites it has | `partner#<id>` | `keys`, `sites` |
//! | a key of it, by its id | `partner#<id>` | `key#<key id>` |
//! | partner key, by its hash | `partner-key#<hash>` | `key` |
//! | site | `partner#<id>` | `site#<name>` |
//! | whose a site is | `site#<id>` | `site` |
//! | project | `project#<id>` | `project` |
//! | a project of an entity, and the name it claims | `entity#<id>` | `project#<id>`, `project-name#<name>` |
//! | whose a client id is | `client#<client id>` | `project` |
//! | whose an API secret is, by its hash | `secret#<hash>` | `project` |
//! | how often it was asked to sign, by month | `metered#<project id>` | `<year>-<month>` |
//! | how many devices a user has | `attached#<project id>#<hash of the user>` | `devices` |
//! | a device of a user | `attached#<project id>#<hash of the user>` | `device#<device id>` |
//! | an accepted call, once for each of user, device, identity | `history#<project id>#<which>#<its id or hash>` | `<access id>` |
//! | an event that was used | `event#<project id>#<hash of the event>` | `event` |
//! | the name the operator made a customer under | `customers` | `child-name#<name>` |
//! | audit record, once per entity concerned and ancestor | `audit#<entity id>` | `<record id>` |
//! | idempotency record | `idempotency#<client id>` | `<hash>` |
//! | revoked token, by its hash | `revocation#<hash>` | `revocation` |
//! | rate limit's bucket | `bucket#<route>#<kind>#<id>` | `<requests>/<seconds>` |
//!
//! The prefixes of `pk` are what the policies in `template.yaml` allow or refuse.

use model::{
    ClientId, DeviceId, EntityId, IntegrationId, Name, PartnerId, PartnerKeyId, ProjectId, ProviderId,
    RateLimit, SiteId, SiteName,
};

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

pub(crate) const PARTNER: &str = "partner#";

pub(crate) fn partner(entity: EntityId, id: PartnerId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("{PARTNER}{id}"))
}

pub(crate) fn partner_name(entity: EntityId, name: &Name) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("partner-name#{}", name.folded()))
}

pub(crate) fn of_partner(id: PartnerId) -> String {
    format!("partner#{id}")
}

pub(crate) fn partner_keys(id: PartnerId) -> ItemKey {
    ItemKey::new(of_partner(id), "keys")
}

pub(crate) fn partner_sites(id: PartnerId) -> ItemKey {
    ItemKey::new(of_partner(id), "sites")
}

pub(crate) const KEY: &str = "key#";

pub(crate) fn key_of_partner(partner: PartnerId, id: PartnerKeyId) -> ItemKey {
    ItemKey::new(of_partner(partner), format!("{KEY}{id}"))
}

pub(crate) fn partner_key(digest: &str) -> ItemKey {
    ItemKey::new(format!("partner-key#{digest}"), "key")
}

pub(crate) const SITE: &str = "site#";

pub(crate) fn site(partner: PartnerId, name: &SiteName) -> ItemKey {
    ItemKey::new(of_partner(partner), format!("{SITE}{}", name.as_str()))
}

pub(crate) fn owner_of_site(id: SiteId) -> ItemKey {
    ItemKey::new(format!("site#{id}"), "site")
}

pub(crate) fn project(id: ProjectId) -> ItemKey {
    ItemKey::new(format!("project#{id}"), "project")
}

pub(crate) const PROJECT: &str = "project#";

pub(crate) fn project_of(entity: EntityId, id: ProjectId) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("{PROJECT}{id}"))
}

pub(crate) fn project_name(entity: EntityId, name: &Name) -> ItemKey {
    ItemKey::new(of_entity(entity), format!("project-name#{}", name.folded()))
}

pub(crate) fn project_of_client(id: &ClientId) -> ItemKey {
    ItemKey::new(format!("client#{id}"), "project")
}

pub(crate) fn project_of_secret(digest: &str) -> ItemKey {
    ItemKey::new(format!("secret#{digest}"), "project")
}

pub(crate) fn metered(project: ProjectId, month: &str) -> ItemKey {
    ItemKey::new(format!("metered#{project}"), month)
}

pub(crate) fn attached_to(project: ProjectId, user_hash: &str) -> String {
    format!("attached#{project}#{user_hash}")
}

pub(crate) fn devices_of(project: ProjectId, user_hash: &str) -> ItemKey {
    ItemKey::new(attached_to(project, user_hash), "devices")
}

pub(crate) const DEVICE: &str = "device#";

pub(crate) fn device(project: ProjectId, user_hash: &str, id: &DeviceId) -> ItemKey {
    ItemKey::new(attached_to(project, user_hash), format!("{DEVICE}{}", id.as_str()))
}

pub(crate) fn history_of(project: ProjectId, which: &str, id: &str) -> String {
    format!("history#{project}#{which}#{id}")
}

pub(crate) fn access(of: String, id: uuid::Uuid) -> ItemKey {
    ItemKey::new(of, id.to_string())
}

pub(crate) fn event(project: ProjectId, hash: &str) -> ItemKey {
    ItemKey::new(format!("event#{project}#{hash}"), "event")
}

pub(crate) fn revocation(digest: &str) -> ItemKey {
    ItemKey::new(format!("revocation#{digest}"), "revocation")
}

/// A limit that is changed begins with a full bucket: an old one, counted by another measure, could stay shut for long.
pub(crate) fn bucket(route: &str, kind: &str, id: &str, limit: RateLimit) -> ItemKey {
    ItemKey::new(format!("bucket#{route}#{kind}#{id}"), format!("{}/{}", limit.requests(), limit.seconds()))
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
