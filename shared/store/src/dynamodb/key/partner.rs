//! Window V: partners with their keys and sites.

use model::{EntityId, Name, PartnerId, PartnerKeyId, SiteId, SiteName};

use super::tenancy::entity_partition;
use super::{ItemKey, List, NameKeys};

pub(crate) fn partners(entity: EntityId) -> List {
    List::with_prefix(entity_partition(entity), "partner#")
}

pub(crate) fn partner(entity: EntityId, id: PartnerId) -> ItemKey {
    partners(entity).item_at(&id.to_string())
}

pub(crate) fn partner_name(entity: EntityId, name: &Name) -> NameKeys {
    NameKeys::new(&entity_partition(entity), ["partner-name#", "partner-look#"], name)
}

fn partner_partition(id: PartnerId) -> String {
    format!("partner#{id}")
}

pub(crate) fn partner_key_count(id: PartnerId) -> ItemKey {
    ItemKey::new(partner_partition(id), "keys")
}

pub(crate) fn partner_site_count(id: PartnerId) -> ItemKey {
    ItemKey::new(partner_partition(id), "sites")
}

pub(crate) fn partner_keys(partner: PartnerId) -> List {
    List::with_prefix(partner_partition(partner), "key#")
}

pub(crate) fn partner_key_entry(partner: PartnerId, id: PartnerKeyId) -> ItemKey {
    partner_keys(partner).item_at(&id.to_string())
}

pub(crate) fn partner_key(digest: &str) -> ItemKey {
    ItemKey::new(format!("partner-key#{digest}"), "key")
}

pub(crate) fn sites(partner: PartnerId) -> List {
    List::with_prefix(partner_partition(partner), "site#")
}

pub(crate) fn site(partner: PartnerId, name: &SiteName) -> ItemKey {
    sites(partner).item_at(name.as_str())
}

pub(crate) fn owner_of_site(id: SiteId) -> ItemKey {
    ItemKey::new(format!("site#{id}"), "site")
}
