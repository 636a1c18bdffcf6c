//! The claims of window V's tokens (V5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::validation::{ClaimsError, validate_issuer_and_times};
use crate::{EntityPath, Site, SiteId, SiteName};

/// The claims of a site's token for an anonymous device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClaims {
    /// The site's name, as the request gave it.
    pub site: SiteName,
    /// The site's id.
    pub site_id: SiteId,
    /// The pseudonym of the device. It is the same for each token of one device, site and platform (V6).
    pub user_id: String,
    /// The source address of the request, as the gateway reported it (V7).
    pub ipaddresses: String,
    /// Issue time in Unix seconds.
    pub iat: i64,
    expiration: i64,
    /// Expiration time in Unix seconds. `expiration` has the same value.
    pub exp: i64,
    iss: String,
    /// The unique id of the token.
    pub jti: String,
    /// The entity of the site and those above it. It is not read from tokens: the partner can sign any.
    #[serde(rename = "entity_path", skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<EntityPath>,
}

impl DeviceClaims {
    /// The claims of a new token of `site`.
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
            entity_path: Some(EntityPath::new(site.entity_id, &site.ancestors)),
        }
    }

    /// Checks that the issuer is one of `issuers`, and checks kind and times of a token that a secret of `site` signed. The
    /// partner has the secret, too, so tokens that it signs are accepted, but with no longer lifetime than the site's (V5).
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn validate(&self, issuers: &[&str], site: &Site, now: Timestamp) -> Result<(), ClaimsError> {
        if self.expiration != self.exp || self.site != site.name {
            return Err(ClaimsError::WrongTokenKind);
        }
        validate_issuer_and_times(&self.iss, &self.iss, issuers, (self.iat, self.exp), now)?;
        let longest = site.longest_token_seconds(self.iat);
        match self.exp.checked_sub(self.iat) {
            Some(seconds) if seconds <= longest => Ok(()),
            _ => Err(ClaimsError::LivesTooLong),
        }
    }
}
