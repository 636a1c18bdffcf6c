//! The claims of window K's access tokens (K3).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times};
use crate::{ApiId, ApiKey, ClientId, EntityPath, IntegrationId, Scopes};

/// The claims of an access token that was issued for an API key (K3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The client id.
    pub sub: ClientId,
    token_use: String,
    /// The scopes of the key, separated by spaces (K6).
    pub scope: String,
    auth_time: i64,
    iss: String,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    iat: i64,
    version: u8,
    /// The unique id of the token.
    pub jti: String,
    client_id: ClientId,
    aud: String,
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

impl AccessClaims {
    /// The lifetime of an access token (K2, K3).
    pub const LIFETIME: SignedDuration = SignedDuration::from_secs(300);

    /// The claims of a new token for `key` (K3).
    #[must_use]
    pub fn new(issuer: &str, key: &ApiKey, scopes: &Scopes, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            sub: key.client_id.clone(),
            token_use: "access".to_owned(),
            scope: scopes.to_string(),
            auth_time: iat,
            iss: issuer.to_owned(),
            exp: iat + Self::LIFETIME.as_secs(),
            iat,
            version: 2,
            jti: Uuid::new_v4().to_string(),
            client_id: key.client_id.clone(),
            aud: issuer.to_owned(),
            integration_id: Some(key.integration_id),
            entity_path: Some(EntityPath::of_key(key)),
            api_id: None,
        }
    }

    /// Checks that issuer and audience are the same one of `issuers`, and checks kind and times.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], now: Timestamp) -> Result<(), ClaimsError> {
        if self.token_use != "access"
            || self.version != 2
            || self.client_id != self.sub
            || self.api_id.is_some()
        {
            return Err(ClaimsError::WrongTokenKind);
        }
        validate_issuer_and_times(&self.iss, &self.aud, issuers, (self.iat, self.exp), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn claims() -> AccessClaims {
        let scopes = Scopes::of([crate::Role::Auditor]);
        AccessClaims::new(
            "https://booth.example",
            &crate::tenancy::tests::api_key(),
            &scopes,
            at(1_800_000_000),
        )
    }

    #[test]
    fn k3_an_access_token_is_valid_for_300_s() {
        for (now, expected) in [
            (-6, Err(ClaimsError::NotYetValid)),
            (-5, Ok(())),
            (0, Ok(())),
            (299, Ok(())),
            (300, Err(ClaimsError::Expired)),
        ] {
            assert_eq!(
                claims().validate(&["https://booth.example"], at(1_800_000_000 + now)),
                expected,
                "{now}"
            );
        }
    }

    #[test]
    fn k3_tokens_of_another_issuer_or_kind_are_refused() {
        let change = |name: &str, value: Value| {
            let mut changed = serde_json::to_value(claims()).unwrap();
            changed[name] = value;
            serde_json::from_value::<AccessClaims>(changed).unwrap()
        };
        for (name, value, expected) in [
            ("iss", json!("https://other.example"), ClaimsError::WrongIssuer),
            ("aud", json!("https://other.example"), ClaimsError::WrongIssuer),
            ("token_use", json!("id"), ClaimsError::WrongTokenKind),
            ("version", json!(1), ClaimsError::WrongTokenKind),
            ("client_id", json!("b".repeat(26)), ClaimsError::WrongTokenKind),
            ("api_id", json!("api-0195f3a0-1111-7222-8333-444455556666"), ClaimsError::WrongTokenKind),
        ] {
            let refused = change(name, value).validate(&["https://booth.example"], at(1_800_000_000));
            assert_eq!(refused, Err(expected), "{name}");
        }
    }

    #[test]
    fn k3_issuer_and_audience_are_the_same_accepted_issuer() {
        let (new, old) = ("https://new.example", "https://booth.example");
        let validated = |iss: &str, aud: &str, issuers: &[&str]| {
            let mut changed = serde_json::to_value(claims()).unwrap();
            (changed["iss"], changed["aud"]) = (json!(iss), json!(aud));
            serde_json::from_value::<AccessClaims>(changed).unwrap().validate(issuers, at(1_800_000_000))
        };
        for (iss, aud, issuers, expected) in [
            (old, old, &[new, old][..], Ok(())),
            (new, new, &[new, old], Ok(())),
            (new, old, &[new, old], Err(ClaimsError::WrongIssuer)),
            (old, new, &[new, old], Err(ClaimsError::WrongIssuer)),
            (old, old, &[new], Err(ClaimsError::WrongIssuer)),
            (old, old, &[], Err(ClaimsError::WrongIssuer)),
        ] {
            assert_eq!(validated(iss, aud, issuers), expected, "{iss} {aud} {issuers:?}");
        }
    }

    #[test]
    fn every_claim_is_required_except_those_that_earlier_versions_did_not_write() {
        let whole = serde_json::to_value(claims()).unwrap();
        let later = ["integration_id", "entity_path"];
        assert!(later.iter().all(|name| whole.get(name).is_some()));
        for name in whole.as_object().unwrap().keys().filter(|name| !later.contains(&name.as_str())) {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(serde_json::from_value::<AccessClaims>(less).is_err(), "{name}");
        }
        let mut earlier = whole;
        for name in later {
            earlier.as_object_mut().unwrap().remove(name).unwrap();
        }
        let earlier: AccessClaims = serde_json::from_value(earlier).unwrap();
        assert_eq!(earlier.validate(&["https://booth.example"], at(1_800_000_000)), Ok(()));
    }
}
