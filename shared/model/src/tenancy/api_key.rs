//! API keys: client id and encrypted client secret of an integration (F4, F6).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClientId, Entity, EntityId, Integration, IntegrationId, Name, RateLimit, Status};

/// The maximum number of keys of one integration.
pub const KEYS_PER_INTEGRATION: u32 = 20;

/// A named key of an integration (F4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// The client id (F6).
    pub client_id: ClientId,
    /// The integration that owns the key.
    pub integration_id: IntegrationId,
    /// The entity that owns the integration.
    pub entity_id: EntityId,
    /// The ancestors of that entity, so that one read can fetch all of them.
    pub ancestors: Vec<EntityId>,
    /// The name, unique among the integration's keys.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// The encrypted client secret. It is not hashed, because HMAC needs it in clear.
    pub secret: crypto::Sealed,
    /// A disabled key stays stored.
    pub status: Status,
    /// The limit on each route. `None` means the default of the route.
    pub rate_limit: Option<RateLimit>,
    /// The key is invalid from this time on. `None` means that it has no end.
    pub valid_until: Option<Timestamp>,
    /// The key that replaced this one by rotation and took its name.
    pub superseded_by: Option<ClientId>,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the key was created.
    pub created_at: Timestamp,
    /// When the key was last changed.
    pub updated_at: Timestamp,
}

impl ApiKey {
    /// The customer (tenant) of the key (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }

    /// A new active key of the integration `of` without an end. `owner` is the integration's entity.
    #[must_use]
    pub fn new(
        client_id: ClientId,
        secret: crypto::Sealed,
        of: &Integration,
        owner: &Entity,
        name: Name,
        now: Timestamp,
    ) -> Self {
        Self {
            client_id,
            integration_id: of.id,
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            name,
            secret,
            status: Status::Active,
            rate_limit: None,
            valid_until: None,
            superseded_by: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The key that replaces this one in a rotation. It has a new id and secret, and keeps the name, the rate limit and the
    /// end (F4).
    #[must_use]
    pub fn successor(&self, client_id: ClientId, secret: crypto::Sealed, now: Timestamp) -> Self {
        // No `..`: a new field does not compile here until its behaviour in a rotation is decided.
        let Self {
            client_id: _,
            integration_id,
            entity_id,
            ancestors,
            name,
            secret: _,
            status: _,
            rate_limit,
            valid_until,
            superseded_by: _,
            version: _,
            created_at: _,
            updated_at: _,
        } = self;
        Self {
            client_id,
            integration_id: *integration_id,
            entity_id: *entity_id,
            ancestors: ancestors.clone(),
            name: name.clone(),
            secret,
            status: Status::Active,
            rate_limit: *rate_limit,
            valid_until: *valid_until,
            superseded_by: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the key is valid at the time `now` (F4).
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.valid_until.is_none_or(|end| now < end)
    }
}
