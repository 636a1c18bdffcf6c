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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Name, tenancy};

    const ISSUER: &str = "https://booth.example";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn api(identifier: &str) -> Api {
        let name = Name::try_from("n".to_owned()).unwrap();
        let identifier = identifier.to_owned().try_into().unwrap();
        Api::new(&tenancy::tests::entity(), identifier, name, at(0))
    }

    #[test]
    fn a7_a_token_is_valid_for_its_api_issuer_and_lifetime_only() {
        let (own, other) = (api("https://api.example"), api("https://other.example"));
        let scopes = ScopeNames::parse("orders:read").unwrap();
        let whole = ApiClaims::new(ISSUER, &own, &tenancy::tests::api_key(), &scopes, at(0));
        let whole = serde_json::to_value(whole).unwrap();
        let read = |claims: &Value| serde_json::from_value::<ApiClaims>(claims.clone());
        for (second, expected) in [
            (-6, Err(ClaimsError::NotYetValid)),
            (-5, Ok(())),
            (299, Ok(())),
            (300, Err(ClaimsError::Expired)),
        ] {
            assert_eq!(read(&whole).unwrap().validate(&[ISSUER], &own, at(second)), expected, "{second}");
        }
        let valid = read(&whole).unwrap();
        assert_eq!(valid.validate(&[ISSUER], &other, at(0)), Err(ClaimsError::WrongIssuer));
        assert_eq!(valid.validate(&["https://moved.example"], &own, at(0)), Err(ClaimsError::WrongIssuer));
        assert_eq!(valid.validate(&["https://moved.example", ISSUER], &own, at(0)), Ok(()));
        for (name, value, expected) in [
            ("iss", json!("https://api.example"), ClaimsError::WrongIssuer),
            ("aud", json!(ISSUER), ClaimsError::WrongIssuer),
            ("aud", json!("https://api.example/"), ClaimsError::WrongIssuer),
            ("api_id", json!(other.id), ClaimsError::WrongIssuer),
            ("client_id", json!("b".repeat(26)), ClaimsError::WrongTokenKind),
        ] {
            let mut changed = whole.clone();
            changed[name] = value;
            assert_eq!(read(&changed).unwrap().validate(&[ISSUER], &own, at(0)), Err(expected), "{name}");
        }
        for name in whole.as_object().unwrap().keys() {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(read(&less).is_err(), "{name} is required");
        }
    }
}
