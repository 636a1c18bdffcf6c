//! The claims of a token for an own API.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::error::Refusal;
use crate::settings::Settings;

/// How many seconds the verifier's clock may be behind the issuer's. The expiration time has no such leeway.
const CLOCK_SKEW_SECONDS: i64 = 5;

/// The claims of a verified token that every kind of token for an own API has, and the most useful others (A7, F18).
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// Whom the token is about: a client id, or the id of an anonymous user.
    pub sub: String,
    /// The client that got the token. Anonymous users have none.
    #[serde(default)]
    pub client_id: Option<String>,
    /// What the token allows.
    #[serde(default)]
    pub scope: Scopes,
    /// The id of the token.
    pub jti: String,
    /// Issue time in Unix seconds.
    pub iat: i64,
    /// Expiration time in Unix seconds.
    pub exp: i64,
    /// The integration of the client.
    #[serde(default)]
    pub integration_id: Option<String>,
    /// The entities of the client: the customer first, the client's own entity last.
    #[serde(default)]
    pub entity_path: Vec<String>,
    /// The provider that issued the token to an anonymous user.
    #[serde(default)]
    pub provider_id: Option<String>,
}

/// The scopes in a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Whether all of `required` are among them.
    pub fn contain<'a>(&self, required: impl IntoIterator<Item = &'a str>) -> bool {
        required.into_iter().all(|scope| self.0.contains(scope))
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()))
    }
}

/// The claims that decide whether a token is valid here (RFC 7519, 4.1). All but `nbf` are required.
#[derive(Deserialize)]
pub(crate) struct RegisteredClaims {
    iss: String,
    aud: String,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    exp: i64,
}

impl RegisteredClaims {
    pub(crate) fn validate(&self, settings: &Settings, now: Timestamp) -> Result<(), Refusal> {
        if self.iss != settings.issuer {
            return Err(Refusal::WrongIssuer);
        }
        if self.aud != settings.audience {
            return Err(Refusal::WrongAudience);
        }
        if now.as_second() >= self.exp {
            return Err(Refusal::Expired);
        }
        let from = self.nbf.map_or(self.iat, |nbf| nbf.max(self.iat));
        if now.as_second().saturating_add(CLOCK_SKEW_SECONDS) < from {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }
}
