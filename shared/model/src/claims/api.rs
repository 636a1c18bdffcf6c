//! The claims of an own API's token (A7; RFC 9068, 2.2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_times};
use crate::{Api, ApiId, ApiIdentifier, ApiKey, ClientId, EntityPath, IntegrationId, ScopeNames};

/// The claims of a token for an API, which a client got for the credentials of an API key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiClaims {
    iss: String,
    /// The client id. No user is involved.
    pub sub: ClientId,
    /// The identifier of the API.
    pub aud: ApiIdentifier,
    client_id: ClientId,
    /// Issue time in Unix seconds.
    pub iat: i64,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    /// The unique id of the token.
    pub jti: String,
    /// The API's scopes, separated by spaces.
    pub scope: String,
    /// The API.
    pub api_id: ApiId,
    /// The integration of the key.
    pub integration_id: IntegrationId,
    /// The entity of the key and those above it.
    pub entity_path: EntityPath,
}

impl ApiClaims {
    /// The claims of a new token of `key` for `api` with these scopes.
    #[must_use]
    pub fn new(issuer: &str, api: &Api, key: &ApiKey, scopes: &ScopeNames, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            iss: issuer.to_owned(),
            sub: key.client_id.clone(),
            aud: api.identifier.clone(),
            client_id: key.client_id.clone(),
            iat,
            exp: iat + api.token_duration.as_duration().as_secs(),
            jti: Uuid::new_v4().to_string(),
            scope: scopes.to_string(),
            api_id: api.id,
            integration_id: key.integration_id,
            entity_path: EntityPath::of_key(key),
        }
    }

    /// Checks that the issuer is one of `issuers`, that the audience is `api`, and checks subject and times.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], api: &Api, now: Timestamp) -> Result<(), ClaimsError> {
        if self.client_id != self.sub {
            return Err(ClaimsError::WrongTokenKind);
        }
        if !issuers.contains(&&*self.iss) || self.aud != api.identifier || self.api_id != api.id {
            return Err(ClaimsError::WrongIssuer);
        }
        validate_times((self.iat, self.exp), now)
    }
}
