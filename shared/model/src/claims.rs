//! What the tokens say: windows F (F14) and K (K3).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ClientId, EntityId, Grants, Metadata, PersonName, Profile, Provider, ProviderId};

/// Why the claims of a well-signed token are refused. For the log; a caller hears one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejected {
    /// From another issuer, or for another audience.
    #[error("issuer or audience is not ours")]
    Foreign,
    /// Expired.
    #[error("token expired")]
    Expired,
    /// Not valid yet.
    #[error("token not valid yet")]
    Early,
    /// A token of another kind.
    #[error("token of another kind")]
    Kind,
}

/// How far a verifying machine's clock may lag behind the issuing one's. Expiry gets no such leeway.
const SKEW: i64 = 5;

/// The claims of a secure anonymous token (F14).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnonymousClaims {
    iss: String,
    /// The new anonymous user.
    pub sub: String,
    aud: String,
    /// Issued at, Unix seconds.
    pub iat: i64,
    nbf: i64,
    /// Expires at, Unix seconds.
    pub exp: i64,
    /// The token's own id.
    pub jti: String,
    /// The provider it came from.
    pub provider_id: ProviderId,
    /// The provider's entity.
    pub entity_id: EntityId,
    /// What its holder may do, and where.
    pub roles: Grants,
    /// The same as scopes, separated by spaces.
    pub scope: String,
    /// First name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<PersonName>,
    /// Last name, if the caller gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<PersonName>,
    /// The given or made-up address (F13).
    pub email: String,
    /// What the caller attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Always true.
    pub anonymous: bool,
}

impl AnonymousClaims {
    /// The claims of a new token from `provider` for the user described by `profile` (F13, F14).
    #[must_use]
    pub fn new(issuer: &str, provider: &Provider, profile: Profile, now: Timestamp) -> Self {
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
            roles: provider.grants.clone(),
            scope: provider.grants.scopes().to_string(),
            email: profile.address(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            metadata: profile.metadata,
            anonymous: true,
        }
    }

    /// Whether they hold at that moment.
    ///
    /// # Errors
    /// [`TokenRejected`].
    pub fn judge(&self, issuer: &str, now: Timestamp) -> Result<(), TokenRejected> {
        if !self.anonymous {
            return Err(TokenRejected::Kind);
        }
        judge(&self.iss, &self.aud, issuer, (self.nbf, self.exp), now)
    }
}

/// The claims of an access token redeemed for an API key (K3).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The client id.
    pub sub: ClientId,
    token_use: String,
    /// What the key may do, separated by spaces (K6).
    pub scope: String,
    auth_time: i64,
    iss: String,
    /// Expires at, Unix seconds.
    pub exp: i64,
    iat: i64,
    version: u8,
    /// The token's own id.
    pub jti: String,
    client_id: ClientId,
    aud: String,
}

impl AccessClaims {
    /// How long an access token lives (K2, K3).
    pub const LIFETIME: SignedDuration = SignedDuration::from_secs(300);

    /// The claims of a new token for `client_id` (K3).
    #[must_use]
    pub fn new(issuer: &str, client_id: &ClientId, grants: &Grants, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            sub: client_id.clone(),
            token_use: "access".to_owned(),
            scope: grants.scopes().to_string(),
            auth_time: iat,
            iss: issuer.to_owned(),
            exp: iat + Self::LIFETIME.as_secs(),
            iat,
            version: 2,
            jti: Uuid::new_v4().to_string(),
            client_id: client_id.clone(),
            aud: issuer.to_owned(),
        }
    }

    /// Whether they hold at that moment.
    ///
    /// # Errors
    /// [`TokenRejected`].
    pub fn judge(&self, issuer: &str, now: Timestamp) -> Result<(), TokenRejected> {
        if self.token_use != "access" || self.version != 2 || self.client_id != self.sub {
            return Err(TokenRejected::Kind);
        }
        judge(&self.iss, &self.aud, issuer, (self.iat, self.exp), now)
    }
}

fn judge(iss: &str, aud: &str, issuer: &str, valid: (i64, i64), now: Timestamp) -> Result<(), TokenRejected> {
    if iss != issuer || aud != issuer {
        return Err(TokenRejected::Foreign);
    }
    let (from, until) = valid;
    if now.as_second() >= until {
        return Err(TokenRejected::Expired);
    }
    if now.as_second() + SKEW < from {
        return Err(TokenRejected::Early);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn claims() -> AccessClaims {
        let grants = serde_json::from_value(json!([{
            "role": "auditor", "entity_id": "account-0195f3a0-1111-7222-8333-444455556666"
        }]))
        .unwrap();
        let client: ClientId = "a".repeat(26).parse().unwrap();
        AccessClaims::new("https://booth.example", &client, &grants, at(1_800_000_000))
    }

    #[test]
    fn k3_an_access_token_lives_from_its_issue_for_300_s() {
        for (now, expected) in [
            (-6, Err(TokenRejected::Early)),
            (-5, Ok(())),
            (0, Ok(())),
            (299, Ok(())),
            (300, Err(TokenRejected::Expired)),
        ] {
            assert_eq!(claims().judge("https://booth.example", at(1_800_000_000 + now)), expected, "{now}");
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
            ("iss", json!("https://other.example"), TokenRejected::Foreign),
            ("aud", json!("https://other.example"), TokenRejected::Foreign),
            ("token_use", json!("id"), TokenRejected::Kind),
            ("version", json!(1), TokenRejected::Kind),
            ("client_id", json!("b".repeat(26)), TokenRejected::Kind),
        ] {
            let refused = change(name, value).judge("https://booth.example", at(1_800_000_000));
            assert_eq!(refused, Err(expected), "{name}");
        }
    }

    #[test]
    fn no_claim_can_be_left_out() {
        let whole = serde_json::to_value(claims()).unwrap();
        for name in whole.as_object().unwrap().keys() {
            let mut less = whole.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(serde_json::from_value::<AccessClaims>(less).is_err(), "{name}");
        }
    }
}
