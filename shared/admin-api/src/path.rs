//! The ids in paths. Each kind of id has one parameter name in all routes.

use admin::{IntegrationPath, PartnerPath, ProjectPath};
use api::{Problem, Request};
use model::{
    ApiId, ClientId, EntityId, IntegrationId, PartnerId, PartnerKeyId, ProjectId, ProviderId, SiteId,
    TokenSetId,
};

/// A value that is read from the path of a request.
pub trait FromPath: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`api::Code::NotFound`] if an id is malformed.
    fn from_path(request: &Request) -> Result<Self, Problem>;
}

/// An id in a path.
pub trait PathId: FromPath {
    /// The name of its path parameter.
    const PARAMETER: &'static str;
}

/// Reads each id from the path parameter of that name.
macro_rules! path_ids {
    ($($id:ty, $parameter:literal;)+) => {$(
        impl PathId for $id {
            const PARAMETER: &'static str = $parameter;
        }

        impl FromPath for $id {
            fn from_path(request: &Request) -> Result<Self, Problem> {
                api::path_parameter(request, Self::PARAMETER)
            }
        }
    )+};
}

path_ids! {
    EntityId, "entity_id";
    IntegrationId, "integration_id";
    ClientId, "client_id";
    ApiId, "api_id";
    ProviderId, "provider_id";
    PartnerId, "partner_id";
    PartnerKeyId, "key_id";
    SiteId, "site_id";
    ProjectId, "project_id";
    TokenSetId, "token_set_id";
}

impl FromPath for () {
    fn from_path(_: &Request) -> Result<Self, Problem> {
        Ok(())
    }
}

impl FromPath for IntegrationPath {
    fn from_path(request: &Request) -> Result<Self, Problem> {
        let (entity_id, integration_id) = (EntityId::from_path(request)?, IntegrationId::from_path(request)?);
        Ok(Self { entity_id, integration_id })
    }
}

impl FromPath for PartnerPath {
    fn from_path(request: &Request) -> Result<Self, Problem> {
        let (entity_id, partner_id) = (EntityId::from_path(request)?, PartnerId::from_path(request)?);
        Ok(Self { entity_id, partner_id })
    }
}

impl FromPath for ProjectPath {
    fn from_path(request: &Request) -> Result<Self, Problem> {
        let (entity_id, project_id) = (EntityId::from_path(request)?, ProjectId::from_path(request)?);
        Ok(Self { entity_id, project_id })
    }
}
