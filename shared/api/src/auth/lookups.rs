//! The lookups of the second round trip: the owners of a record that the first one read, up to the customer.

use model::{Api, ApiKey, PartnerKey, Project};
use store::{Lookup, ProjectOwner, SiteOwner};

/// The entities of a key, without its integration. For a token that was issued to the key.
pub(crate) fn entities_of_key(key: &ApiKey) -> impl Iterator<Item = Lookup> {
    Lookup::lineage(key.entity_id, &key.ancestors).into_iter()
}

/// The integration and the entities of a key.
pub(crate) fn of_key(key: &ApiKey) -> impl Iterator<Item = Lookup> {
    entities_of_key(key).chain([Lookup::Integration(key.entity_id, key.integration_id)])
}

/// The partner and the entities of a partner's key.
pub(crate) fn of_partner_key(key: &PartnerKey) -> impl Iterator<Item = Lookup> {
    Lookup::lineage(key.entity_id, &key.ancestors)
        .into_iter()
        .chain([Lookup::Partner(key.entity_id, key.partner_id)])
}

/// The project that a client id or an API secret belongs to, and its entities.
pub(crate) fn of_project_owner(owner: &ProjectOwner) -> impl Iterator<Item = Lookup> {
    Lookup::lineage(owner.entity_id, &owner.ancestors).into_iter().chain([Lookup::Project(owner.project_id)])
}

/// The entities of a project.
pub(crate) fn of_project(project: &Project) -> impl Iterator<Item = Lookup> {
    Lookup::lineage(project.entity_id, &project.ancestors).into_iter()
}

/// The site, its partner and the entities of a site's id.
pub(crate) fn of_site_owner(owner: &SiteOwner) -> impl Iterator<Item = Lookup> {
    let site = Lookup::Site(owner.partner_id, owner.name.clone());
    let partner = Lookup::Partner(owner.entity_id, owner.partner_id);
    Lookup::lineage(owner.entity_id, &owner.ancestors).into_iter().chain([site, partner])
}

/// The entities of an own API.
pub(crate) fn of_api(api: &Api) -> impl Iterator<Item = Lookup> + use<> {
    Lookup::lineage(api.entity_id, &api.ancestors).into_iter()
}
