//! The JSON of this endpoint.

use crypto::Secret;
use model::{EntityId, PartnerId, Site, SiteId, SiteName, Status, Timestamp, TokenDuration};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    pub(crate) name: SiteName,
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) token_duration: Option<TokenDuration>,
    #[serde(default)]
    pub(crate) allow_get: bool,
}

/// The name is not among it: requests and devices' ids go by it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    token_duration: Option<TokenDuration>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    allow_get: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) valid_until: Option<Timestamp>,
}

/// A site without its secrets.
#[derive(Serialize)]
pub(crate) struct Output<'a> {
    id: SiteId,
    partner_id: PartnerId,
    entity_id: EntityId,
    name: &'a SiteName,
    token_duration: TokenDuration,
    allow_get: bool,
    status: Status,
    secrets: Vec<Version>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// When a secret of the site was made, and when it ends. The first one signs.
#[derive(Serialize)]
struct Version {
    created_at: Timestamp,
    valid_until: Option<Timestamp>,
}

/// A site with its new secret, shown once (V9).
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    #[serde(flatten)]
    site: Output<'a>,
    secret: &'a str,
}

impl<'a> Shown<'a> {
    pub(crate) fn of(site: &'a Site, secret: &'a Secret) -> Self {
        Self { site: Output::of(site), secret: secret.reveal() }
    }
}

impl<'a> Output<'a> {
    pub(crate) fn of(site: &'a Site) -> Self {
        let version =
            |it: &model::SecretVersion| Version { created_at: it.created_at, valid_until: it.valid_until };
        Self {
            id: site.id,
            partner_id: site.partner_id,
            entity_id: site.entity_id,
            name: &site.name,
            token_duration: site.token_duration,
            allow_get: site.allow_get,
            status: site.status,
            secrets: site.secrets.iter().map(version).collect(),
            created_at: site.created_at,
            updated_at: site.updated_at,
        }
    }
}

impl Update {
    pub(crate) fn applied_to(self, old: &Site, now: Timestamp) -> Site {
        Site {
            token_duration: self.token_duration.unwrap_or(old.token_duration),
            allow_get: self.allow_get.unwrap_or(old.allow_get),
            status: self.status.unwrap_or(old.status),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}
