//! The layout of the table: the key of every kind of item, what the item holds, and who writes it.
//!
//! | `pk` | `sk` | item | written by |
//! |---|---|---|---|
//! | `issuer` | `issuer` | issuer URL, former URLs, public keys | `init` |
//! | `deployment` | `deployment` | layout of the table; data keys, wrapped by KMS; hash key, sealed | `init`, `rotate-data-key` |
//! | `signing-keys` | `signing-keys` | private signing keys, sealed | `init` |
//! | `customers` | `child-name#<name>` | claim: the name under which `init` created a customer | `init` |
//! | `customers` | `child-look#<hash of look>` | claim: a look of that name | `init` |
//! | `entity#<entity>` | `entity` | entity | Admin API |
//! | `entity#<entity>` | `dependents` | counter: everything that depends on the entity (see below) | Admin API |
//! | `entity#<entity>` | `child#<entity>` | list entry: child | Admin API |
//! | `entity#<entity>` | `child-name#<name>` | claim: name of a child | Admin API |
//! | `entity#<entity>` | `integration#<integration>` | integration | Admin API |
//! | `entity#<entity>` | `integration-name#<name>` | claim: name of an integration | Admin API |
//! | `entity#<entity>` | `dependents#<integration>` | counter: API keys of an integration | Admin API |
//! | `entity#<entity>` | `key#<integration>#<client id>` | list entry: API key | Admin API |
//! | `entity#<entity>` | `key-name#<integration>#<name>` | claim: name of an API key | Admin API |
//! | `entity#<entity>` | `provider#<provider>` | provider | Admin API |
//! | `entity#<entity>` | `partner#<partner>` | partner | Admin API |
//! | `entity#<entity>` | `partner-name#<name>` | claim: name of a partner | Admin API |
//! | `entity#<entity>` | `project#<project>` | list entry: project | Admin API |
//! | `entity#<entity>` | `project-name#<name>` | claim: name of a project | Admin API |
//! | `entity#<entity>` | `api#<api>` | list entry: own API | Admin API |
//! | `entity#<entity>` | `api-name#<name>` | claim: name of an own API | Admin API |
//! | `api#<api>` | `api` | own API | Admin API |
//! | `api-identifier#<identifier>` | `api` | claim and pointer: own API with this identifier; after its deletion, who may claim it; TTL | Admin API |
//! | `key#<client id>` | `key` | API key with its sealed secret | Admin API |
//! | `partner#<partner>` | `keys`, `sites` | counters: keys and sites of a partner | Admin API |
//! | `partner#<partner>` | `key#<key id>` | list entry: hash of a partner key | Admin API |
//! | `partner#<partner>` | `site#<name>` | site with its sealed secrets | Admin API |
//! | `partner-key#<hash>` | `key` | partner key | Admin API |
//! | `site#<site>` | `site` | pointer: partner and name of a site | Admin API |
//! | `project#<project>` | `project` | project with its sealed secrets and token sets | Admin API |
//! | `client#<client id>` | `project` | pointer: project of a client id | Admin API |
//! | `secret#<hash>` | `project` | pointer: project of an API secret; TTL after rotation | Admin API |
//! | `secret-digest#<hash>` | `owner` | claim: kind and id of the owner of a client secret or a site secret | Admin API, `rotate-data-key` |
//! | `audit#<entity>` | `<record id>` | audit record; for the entity concerned and each ancestor | `init`, Admin API, `revocation` |
//! | `audit-address#<entity>` | `<record id>` | source address of an audit record; for the entity concerned only; TTL | Admin API, `revocation` |
//! | `chain#<entity>` | `head` | number and hash of the entity's last audit record | `init`, Admin API, `revocation` |
//! | `notice#<entity>` | `<notice id>` | refused call, or token revoked by its own key or project; TTL | Admin API, `revocation`, window S |
//! | `idempotency#<client id>` | `<hash of the key>` | sealed response, for 24 hours; TTL | Admin API |
//! | `revocation#<hash>` | `revocation` | revoked token; TTL | `revocation` |
//! | `bucket#<route>#<kind>#<id>` | `<requests>/<seconds>` | token bucket of a rate limit; TTL | every rate-limited function |
//! | `metered#<project>` | `<year>-<month>` | counter: signing requests of a project in a month | `signed-token` |
//! | `attached#<project>#<hash of user>` | `devices` | counter: devices of a user that signed calls attached | `attachment`, `detachment` |
//! | `attached#<project>#<hash of user>` | `device#<device>` | device of a user that a signed call attached | `attachment`, `detachment` |
//! | `unsigned#<project>#<hash of user>` | `device#<device>` | device of a user that an unsigned call attached; TTL | `attachment`, `detachment` |
//! | `unsigned#<project>#<hash of user>` | `newest` | which unsigned call added the newest device; TTL | `attachment` |
//! | `history#<project>#<kind>#<id or hash>` | `<access id>` | accepted call; for its user, device and identity ([`histories`]); TTL | `attachment`, `detachment`, `identification` |
//! | `refusals#<project>` | `<hash of user>#<notice id>` | pointer: notice about a refused call whose token the project signed for the user; TTL | `attachment`, `detachment`, `attached-devices`, `identification` |
//! | `subjects#<project>#<shard>` | `user#<hash>` | list entry: a user with devices or history; TTL if only unsigned calls named the user | `attachment`, `detachment` |
//! | `subjects#<project>#<shard>` | `device#<hash>`, `identity#<hash>` | list entry: a device or an identity with history of identifications; TTL | `identification` |
//! | `event#<project>#<shard>` | `<hash of event>` | used one-time event; TTL | `identification` |
//! | `event#<project>#<hash of event>` | `event` | the same, in the layout of earlier versions; TTL | nobody |
//! | `job#erasure` | `project#<project>`, `user#<project>#<hash of user>`, `entity#<entity>` | request to erase what they left; until it is done | Admin API |
//!
//! - *Written by*: the command `init`, the functions of the Admin API, or other functions by name. `init` also creates
//!   the entity, the integration and the API key of a customer.
//! - *Claim* and *list entry*: the item contains the id of another item; of a partner key, its hash. A claim makes
//!   a name unique. Names and identifiers in keys are in lower case.
//! - *Look*: beside each `…-name#` there are one or two `…-look#<hash of look>`, so that no sibling gets a name that looks the
//!   same. Names that are older than these claims have none until they are changed.
//! - *Counter*: an item with a number of dependents. Dependents of an entity are its children, integrations, providers,
//!   partners, projects and own APIs, and the integrations and providers of other entities whose grants name it. Nothing that has
//!   dependents can be deleted.
//! - *Shard*: one of the 16 hexadecimal digits, from the first character of a hash ([`shard`]). A list that is written
//!   often is spread over 16 partitions, and 16 queries read all of it.
//! - *TTL*: the item has an `expires_at`, after which DynamoDB deletes it. It deletes late, so readers compare
//!   `expires_at` with the time themselves.
//!
//! Binary attributes are sealed values, except the wrapped data keys in `deployment`. A rotation of the data key finds
//! them by that.
//!
//! The policies in `template.yaml` allow or deny access by the prefix of `pk`.

mod anonymous;
mod apis;
mod audit;
mod partner;
mod project;
mod signed;
mod tenancy;

use model::{ClientId, Erased, Name, RateLimit};

pub(crate) use anonymous::*;
pub(crate) use apis::*;
pub(crate) use audit::*;
pub(crate) use partner::*;
pub(crate) use project::*;
pub(crate) use signed::*;
pub(crate) use tenancy::*;

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

    /// The key as one text, `pk|sk`: the associated data of everything sealed in the item.
    pub(crate) fn place(&self) -> String {
        format!("{}|{}", self.pk, self.sk)
    }
}

/// The keys of the claims on a name: on the name without regard to case, and on each way it looks.
#[derive(Debug)]
pub(crate) struct NameKeys {
    pub(crate) name: ItemKey,
    pub(crate) looks: Vec<ItemKey>,
}

impl NameKeys {
    /// A look is hashed, because it can be longer than a sort key.
    fn new(pk: &str, [name_prefix, look_prefix]: [&str; 2], name: &Name) -> Self {
        let look_key =
            |look: String| ItemKey::new(pk, format!("{look_prefix}{}", crypto::digest_hex(look.as_bytes())));
        Self {
            name: ItemKey::new(pk, format!("{name_prefix}{}", name.folded())),
            looks: name.looks().into_iter().map(look_key).collect(),
        }
    }
}

/// A list: the items of the partition `pk` whose `sk` begins with `prefix`, ordered by `sk`.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) pk: String,
    pub(crate) prefix: String,
    /// Whether the order is descending. The sort keys of such lists are UUIDv7 or months, so the newest item comes first.
    pub(crate) newest_first: bool,
    /// What the items are filtered by, in any spelling. It binds cursors: a cursor works only with the same filter.
    pub(crate) filter: String,
}

impl List {
    pub(crate) fn with_prefix(pk: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self { pk: pk.into(), prefix: prefix.into(), newest_first: false, filter: String::new() }
    }

    fn newest_first(pk: String) -> Self {
        Self { pk, prefix: String::new(), newest_first: true, filter: String::new() }
    }

    /// The same list with a filter.
    pub(crate) fn filtered_by(self, filter: String) -> Self {
        Self { filter, ..self }
    }

    /// The key of the item whose `sk` is the prefix followed by `position`.
    pub(crate) fn item_at(&self, position: &str) -> ItemKey {
        ItemKey::new(self.pk.clone(), format!("{}{position}", self.prefix))
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

pub(crate) fn secret_digest(digest: &str) -> ItemKey {
    ItemKey::new(format!("secret-digest#{digest}"), "owner")
}

/// The erasures that are not done yet.
pub(crate) fn erasure_jobs() -> List {
    List::with_prefix("job#erasure", "")
}

/// A second request for the same replaces the first one.
pub(crate) fn erasure_job(erased: &Erased) -> ItemKey {
    erasure_jobs().item_at(&match erased {
        Erased::Project { project_id } => format!("project#{project_id}"),
        Erased::User { project_id, user_hash } => format!("user#{project_id}#{user_hash}"),
        Erased::Entity { entity_id } => format!("entity#{entity_id}"),
    })
}

pub(crate) fn revocation(digest: &str) -> ItemKey {
    ItemKey::new(format!("revocation#{digest}"), "revocation")
}

/// The limit is part of the key. So after a change of the limit a new, full bucket is used: the old one, measured in
/// other intervals, could stay empty for a long time.
pub(crate) fn bucket(route: &str, kind: &str, id: &str, limit: RateLimit) -> ItemKey {
    ItemKey::new(format!("bucket#{route}#{kind}#{id}"), format!("{}/{}", limit.requests(), limit.seconds()))
}

pub(crate) fn idempotency(caller: &ClientId, key_hash: &str) -> ItemKey {
    ItemKey::new(format!("idempotency#{caller}"), key_hash)
}
