//! Whether something is switched on (F1, F2). Only this file lists the switches that count.

use model::{Api, Caller, Lineage, Partner, Project, Provider, Site, Status};

/// Whether the entity and all entities above it are active, with the API switch on.
pub(crate) fn is_entity_on(entity: &Lineage) -> bool {
    entity.is_active() && entity.is_api_enabled()
}

/// Whether the key's entity is on.
#[must_use]
pub fn is_caller_on(caller: &Caller) -> bool {
    caller.is_active() && caller.is_api_enabled()
}

/// Whether the project and its entity are on.
pub(crate) fn is_project_on(project: &Project, entity: &Lineage) -> bool {
    project.status == Status::Active && is_entity_on(entity)
}

/// Whether the site, its partner and the partner's entity are on.
pub(crate) fn is_site_on(site: &Site, partner: &Partner, entity: &Lineage) -> bool {
    site.status == Status::Active && partner.status == Status::Active && is_entity_on(entity)
}

/// Whether the provider and its entity are on. For its tokens the Secure Anonymous switch counts, not the API switch.
#[must_use]
pub fn is_provider_on(provider: &Provider, entity: &Lineage) -> bool {
    provider.status == Status::Active && entity.is_active() && entity.is_secure_anonymous_enabled()
}

/// Whether the own API and its entity are active (A7).
#[must_use]
pub fn is_api_on(api: &Api, entity: &Lineage) -> bool {
    api.status == Status::Active && entity.is_active()
}
