//! Secure anonymous token providers (F7).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{
    AllowedOrigins, ApiId, Description, Entity, EntityId, Grants, ProviderId, RateLimit, ScopeNames, Status,
    TokenAlgorithm,
};

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

whole_number! {
    /// For how long after its first token an anonymous user can be renewed: 60 seconds to 90 days (F18).
    MaxSession, 60..=7_776_000, "must be 60 to 7776000 whole seconds";
}

impl Default for MaxSession {
    /// One day.
    fn default() -> Self {
        Self(86_400)
    }
}

impl MaxSession {
    /// The duration in seconds.
    #[must_use]
    pub fn as_secs(self) -> i64 {
        i64::from(self.0)
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
    /// Whether the creator explicitly allowed grants of other roles than `launchpad_user` (F7).
    pub allow_privileged: bool,
    /// The API that its tokens are for. `None`: they are for the booth (F18, A7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_id: Option<ApiId>,
    /// The scopes of that API in its tokens. Without an API there are none.
    #[serde(default)]
    pub scopes: ScopeNames,
    /// The algorithm that signs its tokens (F18).
    #[serde(default = "default_algorithm")]
    pub algorithm: TokenAlgorithm,
    /// Whether a valid token can be exchanged for a new one of the same user (F18).
    #[serde(default)]
    pub renewable: bool,
    /// For how long after its first token a user can be renewed.
    #[serde(default)]
    pub max_session: MaxSession,
    /// Whether the caller may name the user (F18).
    #[serde(default)]
    pub allow_subject: bool,
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
    /// A new active provider of `owner`. Its tokens are for the booth, signed with EdDSA, and cannot be renewed. Grants of
    /// other roles than `launchpad_user` are not allowed.
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
            api_id: None,
            scopes: ScopeNames::default(),
            algorithm: default_algorithm(),
            renewable: false,
            max_session: MaxSession::default(),
            allow_subject: false,
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

    /// Whether all grants are of `launchpad_user`, or others are allowed (F7).
    #[must_use]
    pub fn has_allowed_grants(&self) -> bool {
        self.allow_privileged || !self.grants.are_privileged()
    }
}

/// The algorithm of providers that name none, such as those of earlier versions.
const fn default_algorithm() -> TokenAlgorithm {
    TokenAlgorithm::EdDSA
}

/// The path of the token endpoint of the provider `id` of `entity`, relative to the deployment's URL (F9).
#[must_use]
pub fn token_path(entity: EntityId, id: ProviderId) -> String {
    format!("/v1/{}s/{entity}/secure-anonymous/{id}/tokens", entity.kind().name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f18_a_provider_of_an_earlier_version_issues_as_before() {
        let id = "01a1fd8d-3dcf-75c4-bdaa-93d15384ab40";
        let stored = serde_json::json!({
            "id": format!("secure-anon-{id}"), "entity_id": format!("account-{id}"), "description": "d",
            "token_duration": 60, "grants": [{ "role": "launchpad_user", "entity_id": format!("account-{id}") }],
            "allow_privileged": false, "status": "active", "rate_limit": null, "version": 1,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        let provider: Provider = serde_json::from_value(stored).unwrap();
        assert_eq!((provider.api_id, provider.algorithm), (None, TokenAlgorithm::EdDSA));
        assert_eq!((provider.renewable, provider.allow_subject), (false, false));
        assert_eq!(provider.max_session.as_secs(), 86_400);
    }

    #[test]
    fn f18_a_session_ends_after_at_most_90_days() {
        for (seconds, is_valid) in [(59.0, false), (60.0, true), (7_776_000.0, true), (7_776_001.0, false)] {
            assert_eq!(MaxSession::try_from(seconds).is_ok(), is_valid, "{seconds}");
        }
    }
}
