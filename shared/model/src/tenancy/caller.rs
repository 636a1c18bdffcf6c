//! An authenticated caller and its permissions (F3, F5, F16, A4, A6).

use std::sync::Arc;

use jiff::Timestamp;

use crate::{ApiKey, ClientId, Entity, EntityId, Grant, Integration, Lineage, RateLimit, Scope, Scopes, Via};

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

    /// The entity of the key.
    #[must_use]
    pub fn entity_id(&self) -> EntityId {
        self.key.entity_id
    }

    /// The key's own limit on each route, if it has one.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.key.rate_limit
    }

    /// The customer (tenant) of the caller (A6).
    fn customer(&self) -> EntityId {
        self.key.customer()
    }

    /// How the caller authenticated.
    #[must_use]
    pub fn via(&self) -> Via {
        self.via
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

    /// The entities whose grants give the caller `scope`. The caller may use it on them and on everything below them.
    /// There are none if the token that the caller sent does not have the scope (A8).
    ///
    /// Every check of a scope uses this method, so that no check forgets the scopes of a narrowed token.
    pub fn entities_with(&self, scope: Scope) -> impl Iterator<Item = EntityId> {
        let within_token = self.narrowed.as_ref().is_none_or(|scopes| scopes.covers(scope));
        let grants = self.integration.grants.iter();
        grants.filter(move |grant| within_token && grant.role.allows(scope)).map(|grant| grant.entity_id)
    }

    /// Checks that the caller may use `scope` on `entity`. A grant on an ancestor is enough (F16).
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may(&self, scope: Scope, entity: &Entity) -> Result<(), PermissionDenied> {
        if entity.customer() != self.customer() {
            return Err(PermissionDenied::OtherCustomer);
        }
        let is_granted = self.entities_with(scope).any(|granted| entity.is_at_or_below(granted));
        if is_granted { Ok(()) } else { Err(PermissionDenied::InsufficientGrants) }
    }

    /// Checks that the caller may use `scope` on some entity. For what belongs to no entity.
    ///
    /// # Errors
    /// [`PermissionDenied::InsufficientGrants`].
    pub fn may_anywhere(&self, scope: Scope) -> Result<(), PermissionDenied> {
        self.entities_with(scope).next().map(|_| ()).ok_or(PermissionDenied::InsufficientGrants)
    }

    /// Checks that the caller may give `grant` on `entity` to others. A role that the caller holds there must be allowed to
    /// give the granted role (A4), and the caller must itself have every scope of the granted role there. Otherwise the
    /// holder of a narrowed token could create a key that is not narrowed (A8).
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may_grant(&self, grant: Grant, entity: &Entity) -> Result<(), PermissionDenied> {
        grant.role.scopes_of_grantor().try_for_each(|scope| self.may(scope, entity))?;
        let grants = |held: Grant| held.role.may_grant(grant.role) && entity.is_at_or_below(held.entity_id);
        let is_allowed = self.integration.grants.iter().any(grants);
        if is_allowed { Ok(()) } else { Err(PermissionDenied::InsufficientGrants) }
    }

    /// The scopes of a new token of the caller (K6).
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        let granted = self.integration.grants.scopes();
        self.narrowed.as_ref().map_or(granted.clone(), |scopes| scopes.within(&granted))
    }
}
