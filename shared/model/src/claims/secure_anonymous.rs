//! The claims of window F's tokens (F14).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times};
use crate::{EntityId, EntityPath, Grants, Metadata, PersonName, Profile, Provider, ProviderId};

/// The claims of a secure anonymous token (F14).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnonymousClaims {
    iss: String,
    /// The id of the new anonymous user.
    pub sub: String,
    aud: String,
    /// Issue time in Unix seconds.
    pub iat: i64,
    nbf: i64,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    /// The unique id of the token.
    pub jti: String,
    /// The provider that issued the token.
    pub provider_id: ProviderId,
    /// The entity that owns the provider.
    pub entity_id: EntityId,
    /// The entity that owns the provider and those above it. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<EntityPath>,
    /// The grants of the token's holder.
    pub roles: Grants,
    /// The scopes of these grants, separated by spaces.
    pub scope: String,
    /// First name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<PersonName>,
    /// Last name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<PersonName>,
    /// The given or generated e-mail address (F13).
    pub email: String,
    /// The metadata, if the caller gave any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Always true.
    pub anonymous: bool,
}

impl AnonymousClaims {
    /// The claims of a new token from `provider`, at `entity_path`, for the user described by `profile` (F13, F14).
    #[must_use]
    pub fn new(
        issuer: &str,
        (provider, entity_path): (&Provider, EntityPath),
        profile: Profile,
        now: Timestamp,
    ) -> Self {
        let iat = now.as_second();
        Self {
            iss: issuer.to_owned(),
            sub: format!("anon-{}", Uuid::new_v4()),
            aud: issuer.to_owned(),
            iat,
            nbf: iat,
            exp: iat + provider.token_duration.as_duration().as_secs(),
            jti: Uuid::new_v4().to_string(),
            provider_id: provider.id,
            entity_id: provider.entity_id,
            entity_path: Some(entity_path),
            roles: provider.grants.clone(),
            scope: provider.grants.scopes().to_string(),
            email: profile.email_address(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            metadata: profile.metadata,
            anonymous: true,
        }
    }

    /// Checks that issuer and audience are the same one of `issuers`, and checks kind and times.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], now: Timestamp) -> Result<(), ClaimsError> {
        if !self.anonymous {
            return Err(ClaimsError::WrongTokenKind);
        }
        validate_issuer_and_times(&self.iss, &self.aud, issuers, (self.nbf, self.exp), now)
    }
}
