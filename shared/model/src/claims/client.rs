//! The claims of an OAuth access token (A2; RFC 9068, 2.2).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times};
use crate::{ApiId, ApiKey, ClientId, EntityPath, IntegrationId, Scopes};

/// The claims of a token that a client got for its credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientClaims {
    iss: String,
    /// The client id. No user is involved.
    pub sub: ClientId,
    aud: String,
    client_id: ClientId,
    /// Issue time in Unix seconds.
    pub iat: i64,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    /// The unique id of the token.
    pub jti: String,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// The integration of the key. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<IntegrationId>,
    /// The entity of the key and those above it. Tokens of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<EntityPath>,
    /// Only a token for an own API has this claim (A7). Such a token is refused, whatever its audience is.
    #[serde(default, skip_serializing)]
    api_id: Option<ApiId>,
}

impl ClientClaims {
    /// The lifetime of the token, the same as in window K.
    pub const LIFETIME: SignedDuration = crate::AccessClaims::LIFETIME;

    /// The claims of a new token for `key`.
    #[must_use]
    pub fn new(issuer: &str, key: &ApiKey, scopes: &Scopes, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            iss: issuer.to_owned(),
            sub: key.client_id.clone(),
            aud: issuer.to_owned(),
            client_id: key.client_id.clone(),
            iat,
            exp: iat + Self::LIFETIME.as_secs(),
            jti: Uuid::new_v4().to_string(),
            scope: scopes.to_string(),
            integration_id: Some(key.integration_id),
            entity_path: Some(EntityPath::of_key(key)),
            api_id: None,
        }
    }

    /// Checks that issuer and audience are the same one of `issuers`, and checks subject and times.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], now: Timestamp) -> Result<(), ClaimsError> {
        if self.client_id != self.sub || self.api_id.is_some() {
            return Err(ClaimsError::WrongTokenKind);
        }
        validate_issuer_and_times(&self.iss, &self.aud, issuers, (self.iat, self.exp), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    #[test]
    fn a2_a_client_s_token_has_the_claims_of_rfc_9068_and_all_are_required() {
        let key = crate::tenancy::tests::api_key();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let claims = ClientClaims::new("https://i", &key, &Scopes::of([Role::Auditor]), now);
        assert_eq!(claims.validate(&["https://i"], now), Ok(()));
        assert_eq!(claims.validate(&["https://j"], now), Err(ClaimsError::WrongIssuer));
        let whole = serde_json::to_value(&claims).unwrap();
        for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"] {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name).unwrap();
            assert!(serde_json::from_value::<ClientClaims>(less).is_err(), "{name}");
        }
        let mut earlier = whole.clone();
        for name in ["integration_id", "entity_path"] {
            earlier.as_object_mut().unwrap().remove(name).unwrap();
        }
        let earlier: ClientClaims = serde_json::from_value(earlier).unwrap();
        assert_eq!(earlier.validate(&["https://i"], now), Ok(()), "a token of an earlier version");
        let mut of_api = whole;
        of_api["api_id"] = serde_json::json!("api-0195f3a0-1111-7222-8333-444455556666");
        let of_api: ClientClaims = serde_json::from_value(of_api).unwrap();
        let refused = of_api.validate(&["https://i"], now);
        assert_eq!(
            refused,
            Err(ClaimsError::WrongTokenKind),
            "a token of an API whose identifier is the issuer"
        );
    }
}
