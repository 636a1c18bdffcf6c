//! Secure anonymous token providers (F7).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{Description, Entity, EntityId, Grants, ProviderId, RateLimit, Status};

whole_number! {
    /// The lifetime of tokens: 60 seconds to 24 hours (F7).
    TokenDuration, 60..=86_400, "must be 60 to 86400 whole seconds";
}

impl TokenDuration {
    /// An hour: what a site's tokens live unless it is told otherwise (V5).
    pub const HOUR: Self = Self(3600);

    /// As a span of time.
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
    /// The entity it belongs to; its grants are at or below that one.
    pub entity_id: EntityId,
    /// What it is for.
    pub description: Description,
    /// How long its tokens live.
    pub token_duration: TokenDuration,
    /// What the holder of a token gets.
    pub grants: Grants,
    /// Whether grants above `launchpad_user` were asked for in so many words (F7).
    pub allow_privileged: bool,
    /// Disabled providers stay stored.
    pub status: Status,
    /// How often tokens may be had from it; the route's default if it is not told.
    pub rate_limit: Option<RateLimit>,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Provider {
    /// A new one of `owner`, active, with no grant above `launchpad_user` allowed.
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
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where its tokens are issued, below the deployment's URL (F9).
    #[must_use]
    pub fn token_path(&self) -> String {
        let (entity, id) = (self.entity_id, self.id);
        format!("/v1/{}s/{entity}/secure-anonymous/{id}/tokens", entity.kind().name())
    }

    /// Whether its grants are within what it may hold (F7).
    #[must_use]
    pub fn has_allowed_grants(&self) -> bool {
        self.allow_privileged || !self.grants.are_privileged()
    }
}
