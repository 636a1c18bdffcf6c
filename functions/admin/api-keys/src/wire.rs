//! The JSON of this endpoint.

use api::{Code, Problem};
use crypto::Secret;
use model::{ApiKey, ClientId, EntityId, IntegrationId, Name, RateLimit, Status, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    pub(crate) name: Name,
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) valid_until: Option<Timestamp>,
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) rate_limit: Option<RateLimit>,
}

/// In an update, `null` takes the end of a key away, or its own rate limit.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    valid_until: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Option<RateLimit>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) valid_until: Option<Timestamp>,
}

/// A key without its secret.
#[derive(Serialize)]
pub(crate) struct Output<'a> {
    client_id: &'a ClientId,
    integration_id: IntegrationId,
    entity_id: EntityId,
    name: &'a Name,
    status: Status,
    rate_limit: Option<RateLimit>,
    valid_until: Option<Timestamp>,
    superseded_by: Option<&'a ClientId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A downloaded key (K1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyFile {
    pub(crate) app_client_id: ClientId,
    pub(crate) app_client_secret: String,
    pub(crate) encoded_key: String,
}

/// A key with its secret, shown once (F4): as a resource, or as the bare key file.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Shown<'a> {
    Resource {
        #[serde(flatten)]
        key: Output<'a>,
        client_secret: &'a str,
        key_file: KeyFile,
    },
    File(KeyFile),
}

impl<'a> Shown<'a> {
    pub(crate) fn of(key: &'a ApiKey, secret: &'a Secret, download: bool) -> Self {
        let key_file = KeyFile::of(key, secret);
        if download {
            return Self::File(key_file);
        }
        Self::Resource { key: Output::of(key), client_secret: secret.reveal(), key_file }
    }
}

impl<'a> Output<'a> {
    pub(crate) fn of(key: &'a ApiKey) -> Self {
        Self {
            client_id: &key.client_id,
            integration_id: key.integration_id,
            entity_id: key.entity_id,
            name: &key.name,
            status: key.status,
            rate_limit: key.rate_limit,
            valid_until: key.valid_until,
            superseded_by: key.superseded_by.as_ref(),
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

impl Update {
    /// A rotated key has given its name away, and its end stays as the rotation set it or comes sooner.
    pub(crate) fn applied_to(self, old: &ApiKey, now: Timestamp) -> Result<ApiKey, Problem> {
        let later =
            |end: Option<Timestamp>| end.is_none_or(|end| old.valid_until.is_some_and(|old| end > old));
        if old.superseded_by.is_some() && (self.name.is_some() || self.valid_until.is_some_and(later)) {
            let detail = "a rotated key keeps its name and cannot be made to last longer";
            return Err(Problem::new(Code::Conflict, detail));
        }
        Ok(ApiKey {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            status: self.status.unwrap_or(old.status),
            rate_limit: self.rate_limit.unwrap_or(old.rate_limit),
            valid_until: self.valid_until.unwrap_or(old.valid_until),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        })
    }
}
