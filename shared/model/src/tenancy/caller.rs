//! An authenticated caller and its permissions (F3, F5, F16, A4, A6).

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    ApiKey, ClientId, Entity, EntityId, Grant, Grants, Integration, Lineage, RateLimit, Resource, Scope,
    Scopes, Via,
};

/// Why an authenticated caller is not permitted to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermissionDenied {
    /// The resource belongs to another customer. The response must not reveal that it exists (A6).
    #[error("outside the caller's customer")]
    OtherCustomer,
    /// The caller's grants do not cover the action (F16).
    #[error("the caller's grants do not allow it")]
    InsufficientGrants,
}

/// An authenticated API key with its permissions.
#[derive(Debug, Clone)]
pub struct Caller {
    key: Arc<ApiKey>,
    integration: Arc<Integration>,
    lineage: Lineage,
    via: Via,
    narrowed: Option<Scopes>,
}

impl Caller {
    /// The caller that uses `key`. Its credentials have been verified. Returns `None` if the key is not valid
    /// at the time `now`, or does not belong to `integration`.
    #[must_use]
    pub fn new(
        key: Arc<ApiKey>,
        integration: Arc<Integration>,
        lineage: Lineage,
        via: Via,
        now: Timestamp,
    ) -> Option<Self> {
        let belongs = integration.id == key.integration_id && integration.entity_id == key.entity_id;
        (belongs && key.is_usable(now)).then_some(Self { key, integration, lineage, via, narrowed: None })
    }

    /// The same caller, limited to the scopes of the token that it sent.
    #[must_use]
    pub fn narrowed(self, scopes: Scopes) -> Self {
        Self { narrowed: Some(scopes), ..self }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// The integration of the key.
    #[must_use]
    pub fn integration(&self) -> &Integration {
        &self.integration
    }

    /// The entity of the key with all its ancestors.
    #[must_use]
    pub const fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// The client id of the key.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.key.client_id
    }

    /// The key's own limit on each route, if it has one.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.key.rate_limit
    }

    /// The customer (tenant) of the caller (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.key.ancestors.last().copied().unwrap_or(self.key.entity_id)
    }

    /// How the caller authenticated.
    #[must_use]
    pub fn via(&self) -> Via {
        self.via
    }

    /// The grants of the integration.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.integration.grants
    }

    /// Whether the caller's entity and all its ancestors are active (F1, K4).
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.lineage.is_active()
    }

    /// Whether the API switch is on for the caller's entity and all its ancestors (F2).
    #[must_use]
    pub fn is_api_enabled(&self) -> bool {
        self.lineage.is_api_enabled()
    }

    /// Checks that the caller may use `scope` on `entity`. A grant on an ancestor is enough (F16).
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may(&self, scope: Scope, entity: &Entity) -> Result<(), PermissionDenied> {
        if entity.customer() != self.customer() {
            return Err(PermissionDenied::OtherCustomer);
        }
        if self.granted_entities(scope).any(|granted| entity.is_at_or_below(granted)) {
            Ok(())
        } else {
            Err(PermissionDenied::InsufficientGrants)
        }
    }

    /// The entities of the grants that allow `scope`. None if the caller's token does not cover the scope.
    pub fn granted_entities(&self, scope: Scope) -> impl Iterator<Item = EntityId> {
        let within_token = self.narrowed.as_ref().is_none_or(|scopes| scopes.covers(scope));
        let grants = self.grants().iter().filter(move |grant| within_token && grant.role.allows(scope));
        grants.map(|grant| grant.entity_id)
    }

    /// Checks that the caller may give `grant` on `entity` to others. The caller must administer the entity
    /// with the same or a higher role (A4). A caller that is limited to scopes can only give grants within
    /// them; otherwise it could create a key without these limits (A2).
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may_grant(&self, grant: Grant, entity: &Entity) -> Result<(), PermissionDenied> {
        let reaches = |held: &Grant| held.role >= grant.role && entity.is_at_or_below(held.entity_id);
        let administers = |held: &Grant| held.role > crate::Role::Auditor;
        let is_within = |scopes: &Scopes| {
            let mut given = grant.role.scopes().iter();
            given.all(|&scope| scope.0 == Resource::Launchpad || scopes.covers(scope))
        };
        let within_token = self.narrowed.as_ref().is_none_or(is_within);
        if within_token && self.grants().iter().any(|held| administers(&held) && reaches(&held)) {
            Ok(())
        } else {
            Err(PermissionDenied::InsufficientGrants)
        }
    }
}
