//! API keys: client id and sealed client secret of an integration (F4, F6).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ClientId, Entity, EntityId, Integration, IntegrationId, Name, RateLimit, Status};

/// The most keys one integration holds.
pub const KEYS_PER_INTEGRATION: u32 = 20;

/// One named key of an integration (F4).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its client id (F6).
    pub client_id: ClientId,
    /// Whose key it is.
    pub integration_id: IntegrationId,
    /// The integration's entity.
    pub entity_id: EntityId,
    /// The entity's ancestors, so that all of them can be read at once.
    pub ancestors: Vec<EntityId>,
    /// Its name, unique among the integration's keys.
    pub name: Name,
    /// The client secret: HMAC needs it again, so it is sealed, not hashed.
    pub secret: crypto::Sealed,
    /// Disabled keys stay stored.
    pub status: Status,
    /// How often it may be used on each route; the route's default if it is not told.
    pub rate_limit: Option<RateLimit>,
    /// From this moment on it no longer works.
    pub valid_until: Option<Timestamp>,
    /// The key that took over its name when it was rotated.
    pub superseded_by: Option<ClientId>,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ApiKey {
    /// A new key of an integration of `owner`, without an end.
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

    /// Whether it works at that moment (F4).
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.valid_until.is_none_or(|end| now < end)
    }
}
