//! An own API (A7).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{
    Accepts, AllowedOrigins, ApiId, ApiIdentifier, ApiScopeName, ApiScopes, ContextClaims, Entity, EntityId,
    Name, Routes, ScopeNames, Status, TokenAlgorithm,
};

whole_number! {
    /// The lifetime of an API's tokens: 60 seconds to 24 hours (A7).
    ApiTokenDuration, 60..=86_400, "must be 60 to 86400 whole seconds";
}

impl Default for ApiTokenDuration {
    fn default() -> Self {
        Self(300)
    }
}

impl ApiTokenDuration {
    /// The lifetime as a duration.
    #[must_use]
    pub fn as_duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

/// An API of a customer, for which the booth issues tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Api {
    /// `api-<uuid>`.
    pub id: ApiId,
    /// The entity that owns the API.
    pub entity_id: EntityId,
    /// The ancestors of that entity, so that one read can fetch all of them.
    pub ancestors: Vec<EntityId>,
    /// The audience of its tokens, unique in the deployment. It never changes.
    pub identifier: ApiIdentifier,
    /// The name, unique in the entity.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// A disabled API stays stored. It gets no tokens, and none of its tokens is active.
    pub status: Status,
    /// The scopes that can be granted.
    pub scopes: ApiScopes,
    /// The lifetime of its tokens.
    pub token_duration: ApiTokenDuration,
    /// The algorithm that signs its tokens.
    pub algorithm: TokenAlgorithm,
    /// The scopes that each route needs (A3).
    pub routes: Routes,
    /// The scopes that every other route needs. `None`: other routes are refused (A3).
    pub default_scopes: Option<ScopeNames>,
    /// The tokens that it accepts beside its own (A3).
    pub accepts: Accepts,
    /// The claims that its authorizer passes on (A3).
    pub context_claims: ContextClaims,
    /// The origins whose pages may call the endpoints of its providers (A9).
    pub allowed_origins: AllowedOrigins,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the API was created.
    pub created_at: Timestamp,
    /// When the API was last changed.
    pub updated_at: Timestamp,
}

impl Api {
    /// A new active API of `owner` with the default settings: RS256, 300 seconds, no scopes and no routes.
    #[must_use]
    pub fn new(owner: &Entity, identifier: ApiIdentifier, name: Name, now: Timestamp) -> Self {
        Self {
            id: ApiId::new(now),
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            identifier,
            name,
            status: Status::Active,
            scopes: ApiScopes::default(),
            token_duration: ApiTokenDuration::default(),
            algorithm: TokenAlgorithm::RS256,
            routes: Routes::default(),
            default_scopes: None,
            accepts: Accepts::default(),
            context_claims: ContextClaims::default(),
            allowed_origins: AllowedOrigins::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The customer (tenant) of the API (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }

    /// A scope that a route or `default_scopes` needs and the API does not have.
    #[must_use]
    pub fn undefined_scope(&self) -> Option<&ApiScopeName> {
        let lists = self.routes.iter().map(|(_, scopes)| scopes).chain(&self.default_scopes);
        lists.flat_map(|names| names.iter()).find(|name| !self.scopes.contains(name))
    }
}
