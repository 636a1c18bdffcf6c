//! Secure anonymous token providers (F7).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Description, Entity, EntityId, Grants, ProviderId, RateLimit, Status};

/// How long a provider's tokens live: 60 s to 24 h (F7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "u32")]
pub struct TokenDuration(u32);

impl TokenDuration {
    /// An hour: what a site's tokens live unless it is told otherwise (V5).
    pub const HOUR: Self = Self(3600);

    /// As a span of time.
    #[must_use]
    pub fn as_duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

/// From a JSON number: `3600.0` is as whole as `3600`.
impl TryFrom<f64> for TokenDuration {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, &'static str> {
        let fits = (60.0..=86_400.0).contains(&seconds) && seconds.fract() == 0.0;
        if fits { Ok(Self(seconds as u32)) } else { Err("must be 60 to 86400 whole seconds") }
    }
}

impl From<TokenDuration> for u32 {
    fn from(duration: TokenDuration) -> Self {
        duration.0
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
