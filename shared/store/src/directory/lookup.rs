//! The items that a request can look up, and their keys.

use model::{
    ApiId, ApiIdentifier, ClientId, EntityId, IntegrationId, PartnerId, ProjectId, ProviderId, SiteId,
    SiteName,
};

use crate::dynamodb::key::{self, ItemKey};

/// An item that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// The issuer URL and the public keys.
    Issuer,
    /// The private signing keys.
    SigningKeys,
    /// An API key with its secret.
    ApiKey(ClientId),
    /// An entity.
    Entity(EntityId),
    /// An integration of an entity.
    Integration(EntityId, IntegrationId),
    /// A provider of an entity.
    Provider(EntityId, ProviderId),
    /// The partner key with this hash.
    PartnerKey(String),
    /// A partner of an entity.
    Partner(EntityId, PartnerId),
    /// A site of a partner, with its secrets.
    Site(PartnerId, SiteName),
    /// The partner and entity that a site belongs to.
    SiteOwner(SiteId),
    /// A project with its secrets.
    Project(ProjectId),
    /// The project with this client id.
    ProjectOfClient(ClientId),
    /// The project with the API secret that has this hash.
    ProjectOfSecret(String),
    /// An own API.
    Api(ApiId),
    /// The own API whose identifier is this one, without regard to case and to slashes at the end.
    ApiOfIdentifier(String),
    /// The revocation of the token with this hash.
    Revocation(String),
}

impl Lookup {
    /// The owner of an identifier. Spellings that are one claim are one lookup, so they take one place in the cache.
    #[must_use]
    pub fn api_of_identifier(identifier: &ApiIdentifier) -> Self {
        Self::ApiOfIdentifier(identifier.folded())
    }

    /// An entity and all its ancestors, which [`View::lineage`](crate::View::lineage) needs.
    #[must_use]
    pub fn lineage(entity: EntityId, ancestors: &[EntityId]) -> Vec<Self> {
        std::iter::once(entity).chain(ancestors.iter().copied()).map(Self::Entity).collect()
    }

    pub(crate) fn key(&self) -> ItemKey {
        match self {
            Self::Issuer => key::issuer(),
            Self::SigningKeys => key::signing_keys(),
            Self::ApiKey(id) => key::api_key(id),
            Self::Entity(id) => key::entity(*id),
            Self::Integration(entity, id) => key::integration(*entity, *id),
            Self::Provider(entity, id) => key::provider(*entity, *id),
            Self::PartnerKey(digest) => key::partner_key(digest),
            Self::Partner(entity, id) => key::partner(*entity, *id),
            Self::Site(partner, name) => key::site(*partner, name),
            Self::SiteOwner(id) => key::owner_of_site(*id),
            Self::Project(id) => key::project(*id),
            Self::ProjectOfClient(id) => key::project_of_client(id),
            Self::ProjectOfSecret(digest) => key::project_of_secret(digest),
            Self::Api(id) => key::api(*id),
            Self::ApiOfIdentifier(identifier) => key::api_of_identifier(identifier),
            Self::Revocation(digest) => key::revocation(digest),
        }
    }
}
