//! Who is calling, and what they may (F3, F5, F16, A4, A6).

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    ApiKey, ClientId, Entity, EntityId, Grant, Grants, Integration, Lineage, RateLimit, Resource, Scope,
    Scopes, Via,
};

/// Why a caller is refused after its credentials proved right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermissionDenied {
    /// The thing is outside the caller's tenant; it is not told that the thing exists (A6).
    #[error("outside the caller's customer")]
    OtherCustomer,
    /// The caller's grants do not reach that far (F16).
    #[error("the caller's grants do not allow it")]
    InsufficientGrants,
}

/// An authenticated API key with what it may do.
#[derive(Debug, Clone)]
pub struct Caller {
    key: Arc<ApiKey>,
    integration: Arc<Integration>,
    lineage: Lineage,
    via: Via,
    narrowed: Option<Scopes>,
}

impl Caller {
    /// The caller behind `key`, whose credentials have been verified; `None` if the key does not work now.
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

    /// The same caller held to the scopes of the token it came with.
    #[must_use]
    pub fn narrowed(self, scopes: Scopes) -> Self {
        Self { narrowed: Some(scopes), ..self }
    }

    /// Its key's client id.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.key.client_id
    }

    /// How often its key may be used on each route, if it is told.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.key.rate_limit
    }

    /// The tenant it belongs to (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.key.ancestors.last().copied().unwrap_or(self.key.entity_id)
    }

    /// How it proved itself.
    #[must_use]
    pub fn via(&self) -> Via {
        self.via
    }

    /// What its integration was granted.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.integration.grants
    }

    /// Whether its entity and all above are active (F1, K4).
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.lineage.is_active()
    }

    /// Whether the API switch is on for it (F2).
    #[must_use]
    pub fn is_api_enabled(&self) -> bool {
        self.lineage.is_api_enabled()
    }

    /// Whether it may do `scope` on `entity`; the right may come from an ancestor's grant (F16).
    ///
    /// # Errors
    /// [`PermissionDenied`].
    pub fn may(&self, scope: Scope, entity: &Entity) -> Result<(), PermissionDenied> {
        if entity.customer() != self.customer() {
            return Err(PermissionDenied::OtherCustomer);
        }
        let held =
            self.grants().iter().any(|it| it.role.allows(scope) && entity.is_at_or_below(it.entity_id));
        let asked = self.narrowed.as_ref().is_none_or(|scopes| scopes.covers(scope));
        if held && asked { Ok(()) } else { Err(PermissionDenied::InsufficientGrants) }
    }

    /// Whether it may hand out `grant` on `entity`: only what it holds there itself, or less (A4). A token held to some
    /// scopes hands out nothing beyond them, or it would make itself a key without its bounds (A2).
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
        let asked = self.narrowed.as_ref().is_none_or(is_within);
        if asked && self.grants().iter().any(|held| administers(&held) && reaches(&held)) {
            Ok(())
        } else {
            Err(PermissionDenied::InsufficientGrants)
        }
    }
}
