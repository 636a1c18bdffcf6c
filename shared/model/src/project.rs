//! Projects: their users have devices (S), and their encrypted tokens are built and verified (X).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{
    AllowedOrigins, ClientId, Entity, EntityId, Name, ProjectId, RateLimit, SecretVersion, Secrets, Status,
    TokenSettings,
};

/// A project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// `project-<uuid>`.
    pub id: ProjectId,
    /// The entity that owns the project.
    pub entity_id: EntityId,
    /// The ancestors of that entity, so that one read can fetch all of them.
    pub ancestors: Vec<EntityId>,
    /// The name, unique in the entity.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// A disabled project stays stored.
    pub status: Status,
    /// The public client id (S2).
    pub client_id: ClientId,
    /// The API secret (S2).
    pub secrets: Secrets,
    /// Whether attach and identify need a signed token (S1).
    pub require_signed_tokens: bool,
    /// How many devices a user should have at most. Responses show it; the server does not enforce it (S5).
    pub default_device_limit: DeviceLimit,
    /// Whether clients should refuse users with more devices. Responses show it; the server does not enforce
    /// it (S5).
    pub block_over_usage: bool,
    /// How long the access history is kept (S8).
    pub history_days: HistoryDays,
    /// The limit for all requests of the project. `None` means the default of each route (S10).
    pub rate_limit: Option<RateLimit>,
    /// The limit for requests about one user (S10).
    pub user_rate_limit: Option<RateLimit>,
    /// The limit for unsigned calls: for all of them, and for those of one source address (S11).
    #[serde(default)]
    pub unsigned_rate_limit: Option<RateLimit>,
    /// Whether unsigned calls may list and detach devices (S11).
    #[serde(default)]
    pub unsigned_device_management: bool,
    /// How long a device that an unsigned call attached is kept after it was last seen (S11).
    #[serde(default)]
    pub unsigned_device_days: UnsignedDeviceDays,
    /// How long tokens of the Sign endpoint are valid. `None`: they do not expire (S12).
    #[serde(default)]
    pub signed_token_seconds: Option<SignedTokenSeconds>,
    /// The origins whose pages may attach, identify, list and detach devices (A9).
    #[serde(default)]
    pub allowed_origins: AllowedOrigins,
    /// The settings of security and user tokens, with their keys (X1).
    #[serde(default)]
    pub tokens: TokenSettings,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the project was created.
    pub created_at: Timestamp,
    /// When the project was last changed.
    pub updated_at: Timestamp,
}

impl Project {
    /// The customer (tenant) of the project (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }

    /// A new active project of `owner` with the default settings. Signed tokens are not required. Tokens that are signed
    /// for the project are valid for an hour.
    #[must_use]
    pub fn new(
        id: ProjectId,
        (client_id, secret): (ClientId, SecretVersion),
        owner: &Entity,
        name: Name,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            name,
            status: Status::Active,
            client_id,
            secrets: Secrets::new(secret),
            require_signed_tokens: false,
            default_device_limit: DeviceLimit(2),
            block_over_usage: false,
            history_days: HistoryDays(90),
            rate_limit: None,
            user_rate_limit: None,
            unsigned_rate_limit: None,
            unsigned_device_management: false,
            unsigned_device_days: UnsignedDeviceDays::default(),
            signed_token_seconds: Some(SignedTokenSeconds(3600)),
            allowed_origins: AllowedOrigins::default(),
            tokens: TokenSettings::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

whole_number! {
    /// How many devices a user should have at most (S5).
    DeviceLimit, 1..=500, "must be 1 to 500";
    /// For how many days accesses are kept (S8).
    HistoryDays, 1..=3650, "must be 1 to 3650 days";
    /// For how many days a device is kept that an unsigned call attached (S11).
    UnsignedDeviceDays, 1..=365, "must be 1 to 365 days";
    /// For how many seconds a token of the Sign endpoint is valid (S12).
    SignedTokenSeconds, 60..=86_400, "must be 60 to 86400 seconds";
}

impl HistoryDays {
    /// When an access at the time `at` expires, in Unix seconds (S8).
    #[must_use]
    pub fn expires_at(self, at: Timestamp) -> i64 {
        at.as_second() + i64::from(self.0) * 86_400
    }
}

impl Default for UnsignedDeviceDays {
    fn default() -> Self {
        Self(30)
    }
}

impl UnsignedDeviceDays {
    /// When a device with this `updated_at` expires, in Unix seconds. `updated_at` can be 24 hours older than the last call
    /// of the device, so the device is kept a day longer.
    #[must_use]
    pub fn expires_at(self, updated_at: Timestamp) -> i64 {
        updated_at.as_second() + (i64::from(self.0) + 1) * 86_400
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityKind;
    use crypto::{DataKey, DataKeys};

    #[test]
    fn a9_a_project_of_an_earlier_version_allows_no_origin() {
        let now = Timestamp::UNIX_EPOCH;
        let name = || Name::try_from("n".to_owned()).unwrap();
        let owner = Entity::new(EntityKind::Customer, None, name(), now);
        let sealed = DataKeys::unnamed(DataKey::new(&[0; 32]).unwrap()).seal(b"", "").unwrap();
        let credentials =
            ("7vcrn2enrtlrm5gnlqb24p5np2".parse().unwrap(), SecretVersion::new(sealed, String::new(), now));
        let project = Project::new(ProjectId::new(now), credentials, &owner, name(), now);
        let mut stored = serde_json::to_value(&project).unwrap();
        assert_eq!(stored.as_object_mut().unwrap().remove("allowed_origins"), Some(serde_json::json!([])));
        assert_eq!(serde_json::from_value::<Project>(stored).unwrap(), project);
    }

    #[test]
    fn s5_s8_limits_and_days_are_whole_numbers_within_their_range() {
        let limit = |text: &str| serde_json::from_str::<DeviceLimit>(text).ok().map(u32::from);
        assert_eq!((limit("1"), limit("2.0"), limit("500")), (Some(1), Some(2), Some(500)));
        let days = |text: &str| serde_json::from_str::<HistoryDays>(text).ok().map(u32::from);
        assert_eq!((days("1"), days("3650"), days("3651")), (Some(1), Some(3650), None));
        for bad in ["0", "-1", "3651", "1.5", "1e300", "\"1\"", "null", "true"] {
            assert_eq!((limit(bad), days(bad)), (None, None), "{bad}");
        }
    }
}
