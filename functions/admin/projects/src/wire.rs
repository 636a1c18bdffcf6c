//! The JSON of this endpoint.

use std::collections::BTreeMap;

use crypto::Secret;
use model::{
    ClientId, DeviceLimit, EntityId, HistoryDays, Name, Project, ProjectId, RateLimit, SecretVersion, Status,
    Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creation {
    pub(crate) name: Name,
    #[serde(default)]
    require_signed_tokens: bool,
    #[serde(default, deserialize_with = "model::present")]
    default_device_limit: Option<DeviceLimit>,
    #[serde(default)]
    block_over_usage: bool,
    #[serde(default, deserialize_with = "model::present")]
    history_days: Option<HistoryDays>,
    #[serde(default, deserialize_with = "model::present")]
    rate_limit: Option<RateLimit>,
    #[serde(default, deserialize_with = "model::present")]
    user_rate_limit: Option<RateLimit>,
}

/// In an update, `null` takes the project's own rate limits away.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    require_signed_tokens: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    default_device_limit: Option<DeviceLimit>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    block_over_usage: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    history_days: Option<HistoryDays>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Option<RateLimit>>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    user_rate_limit: Option<Option<RateLimit>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    #[serde(default, deserialize_with = "model::present")]
    pub(crate) valid_until: Option<Timestamp>,
}

/// A project without its API secret.
#[derive(Serialize)]
pub(crate) struct Output<'a> {
    id: ProjectId,
    entity_id: EntityId,
    name: &'a Name,
    status: Status,
    client_id: &'a ClientId,
    api_secrets: Vec<Version>,
    require_signed_tokens: bool,
    default_device_limit: DeviceLimit,
    block_over_usage: bool,
    history_days: HistoryDays,
    rate_limit: Option<RateLimit>,
    user_rate_limit: Option<RateLimit>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An API secret that counts, without itself.
#[derive(Serialize)]
pub(crate) struct Version {
    created_at: Timestamp,
    valid_until: Option<Timestamp>,
}

/// A project with how often it asked us to sign this month (S3).
#[derive(Serialize)]
pub(crate) struct Metered<'a> {
    #[serde(flatten)]
    project: Output<'a>,
    metered_requests: BTreeMap<String, u64>,
}

/// A project with its newest API secret, shown once (S2).
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    #[serde(flatten)]
    project: Output<'a>,
    api_secret: &'a str,
}

impl<'a> Metered<'a> {
    pub(crate) fn of(project: &'a Project, metered: (String, u64), now: Timestamp) -> Self {
        Self { project: Output::of(project, now), metered_requests: BTreeMap::from([metered]) }
    }
}

impl<'a> Shown<'a> {
    pub(crate) fn of(project: &'a Project, secret: &'a Secret, now: Timestamp) -> Self {
        Self { project: Output::of(project, now), api_secret: secret.reveal() }
    }
}

impl<'a> Output<'a> {
    pub(crate) fn of(project: &'a Project, now: Timestamp) -> Self {
        let version = |it: &SecretVersion| Version { created_at: it.created_at, valid_until: it.valid_until };
        Self {
            id: project.id,
            entity_id: project.entity_id,
            name: &project.name,
            status: project.status,
            client_id: &project.client_id,
            api_secrets: project.secrets.iter().filter(|it| it.is_usable(now)).map(version).collect(),
            require_signed_tokens: project.require_signed_tokens,
            default_device_limit: project.default_device_limit,
            block_over_usage: project.block_over_usage,
            history_days: project.history_days,
            rate_limit: project.rate_limit,
            user_rate_limit: project.user_rate_limit,
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}

impl Creation {
    pub(crate) fn applied_to(self, new: Project) -> Project {
        Project {
            require_signed_tokens: self.require_signed_tokens,
            default_device_limit: self.default_device_limit.unwrap_or(new.default_device_limit),
            block_over_usage: self.block_over_usage,
            history_days: self.history_days.unwrap_or(new.history_days),
            rate_limit: self.rate_limit,
            user_rate_limit: self.user_rate_limit,
            ..new
        }
    }
}

impl Update {
    pub(crate) fn applied_to(self, old: &Project, now: Timestamp) -> Project {
        Project {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            status: self.status.unwrap_or(old.status),
            require_signed_tokens: self.require_signed_tokens.unwrap_or(old.require_signed_tokens),
            default_device_limit: self.default_device_limit.unwrap_or(old.default_device_limit),
            block_over_usage: self.block_over_usage.unwrap_or(old.block_over_usage),
            history_days: self.history_days.unwrap_or(old.history_days),
            rate_limit: self.rate_limit.unwrap_or(old.rate_limit),
            user_rate_limit: self.user_rate_limit.unwrap_or(old.user_rate_limit),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}
