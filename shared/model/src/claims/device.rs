//! Window V's claims (V5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times};
use crate::{Site, SiteId, SiteName};

/// What a site's token says of an anonymous device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClaims {
    /// The site's name, as the request had it.
    pub site: SiteName,
    /// The site's id.
    pub site_id: SiteId,
    /// The device's id: the same for the same device of the same site and platform (V6).
    pub user_id: String,
    /// The address the request came from, as the gateway saw it (V7).
    pub ipaddresses: String,
    /// Issued at, Unix seconds.
    pub iat: i64,
    expiration: i64,
    /// Expires at, Unix seconds; `expiration` says the same.
    pub exp: i64,
    iss: String,
    /// The token's own id.
    pub jti: String,
}

impl DeviceClaims {
    /// The claims of a new token of `site` for the device `user_id` at the address `ipaddresses`.
    #[must_use]
    pub fn new(issuer: &str, site: &Site, user_id: String, ipaddresses: String, now: Timestamp) -> Self {
        let iat = now.as_second();
        let exp = iat + site.token_duration.as_duration().as_secs();
        Self {
            site: site.name.clone(),
            site_id: site.id,
            user_id,
            ipaddresses,
            iat,
            expiration: exp,
            exp,
            iss: issuer.to_owned(),
            jti: Uuid::new_v4().to_string(),
        }
    }

    /// Whether they hold at that moment.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuer: &str, now: Timestamp) -> Result<(), ClaimsError> {
        if self.expiration != self.exp {
            return Err(ClaimsError::WrongTokenKind);
        }
        validate_issuer_and_times(&self.iss, issuer, issuer, (self.iat, self.exp), now)
    }
}
