//! The paths of resources that contain other resources.

use model::{EntityId, IntegrationId, PartnerId, ProjectId};

/// An integration of an entity. It contains API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntegrationPath {
    /// The entity.
    pub entity_id: EntityId,
    /// The integration.
    pub integration_id: IntegrationId,
}

/// A partner of an entity. It contains partner keys and sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerPath {
    /// The entity.
    pub entity_id: EntityId,
    /// The partner.
    pub partner_id: PartnerId,
}

/// A project of an entity. It contains token sets and token settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectPath {
    /// The entity.
    pub entity_id: EntityId,
    /// The project.
    pub project_id: ProjectId,
}
