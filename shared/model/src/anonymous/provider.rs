//! Secure anonymous token providers (F7).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{AllowedOrigins, Description, Entity, EntityId, Grants, ProviderId, RateLimit, Status};

whole_number! {
    /// The lifetime of tokens: 60 seconds to 24 hours (F7).
    TokenDuration, 60..=TokenDuration::LONGEST.0, "must be 60 to 86400 whole seconds";
}

impl TokenDuration {
    /// One hour: the default for a site's tokens (V5).
    pub const HOUR: Self = Self(3600);

    /// The longest lifetime. No token that names its issuer is valid for longer.
    pub const LONGEST: Self = Self(86_400);

    /// The lifetime as a duration.
    #[must_use]
    pub fn as_duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

/// A configured source of tokens for anonymous users (F7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provider {
    /// `secure-anon-<uuid>`.
    pub id: ProviderId,
    /// The entity that owns the provider. All grants are at or below this entity.
    pub entity_id: EntityId,
    /// What the provider is for.
    #[serde(deserialize_with = "Description::stored")]
    pub description: Description,
    /// The lifetime of its tokens.
    pub token_duration: TokenDuration,
    /// The grants in its tokens.
    pub grants: Grants,
    /// Whether the creator explicitly allowed grants above `launchpad_user` (F7).
    pub allow_privileged: bool,
    /// A disabled provider stays stored.
    pub status: Status,
    /// The limit for token requests. `None` means the default of the route.
    pub rate_limit: Option<RateLimit>,
    /// The origins whose pages may read the assertions of its tokens (A9).
    #[serde(default)]
    pub allowed_origins: AllowedOrigins,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the provider was created.
    pub created_at: Timestamp,
    /// When the provider was last changed.
    pub updated_at: Timestamp,
}

impl Provider {
    /// A new active provider of `owner`. Grants above `launchpad_user` are not allowed.
    #[must_use]
    pub fn new(
        owner: &Entity,
        description: Description,
        token_duration: TokenDuration,
        grants: Grants,
        now: Timestamp,
    ) -> Self {
        Self {
            id: ProviderId::new(now),
            entity_id: owner.id,
            description,
            token_duration,
            grants,
            allow_privileged: false,
            status: Status::Active,
            rate_limit: None,
            allowed_origins: AllowedOrigins::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The path of its token endpoint, relative to the deployment's URL (F9).
    #[must_use]
    pub fn token_path(&self) -> String {
        token_path(self.entity_id, self.id)
    }

    /// Whether the grants are at most `launchpad_user`, or higher grants are allowed (F7).
    #[must_use]
    pub fn has_allowed_grants(&self) -> bool {
        self.allow_privileged || !self.grants.are_privileged()
    }
}

/// The path of the token endpoint of the provider `id` of `entity`, relative to the deployment's URL (F9).
#[must_use]
pub fn token_path(entity: EntityId, id: ProviderId) -> String {
    format!("/v1/{}s/{entity}/secure-anonymous/{id}/tokens", entity.kind().name())
}
