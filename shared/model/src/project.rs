//! Projects: whose devices are attached (S) and whose encrypted tokens are built and verified (X).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::number::whole_number;
use crate::{
    ClientId, Entity, EntityId, Name, ProjectId, RateLimit, SecretVersion, Secrets, Status, TokenSettings,
};

/// One project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// `project-<uuid>`.
    pub id: ProjectId,
    /// The entity it belongs to.
    pub entity_id: EntityId,
    /// The entity's ancestors, so that all of them can be read at once.
    pub ancestors: Vec<EntityId>,
    /// Its name, unique in the entity.
    pub name: Name,
    /// Disabled projects stay stored.
    pub status: Status,
    /// Its public id (S2).
    pub client_id: ClientId,
    /// Its API secret (S2).
    pub secrets: Secrets,
    /// Whether attach and identify need a signed token (S1).
    pub require_signed_tokens: bool,
    /// How many devices a user is meant to have; told, and never enforced here (S5).
    pub default_device_limit: DeviceLimit,
    /// Whether a client should turn a user away that has more; told as well (S5).
    pub block_over_usage: bool,
    /// How long its access history is kept (S8).
    pub history_days: HistoryDays,
    /// How often it may be called, in all; the routes' default if it is not told (S10).
    pub rate_limit: Option<RateLimit>,
    /// How often it may be called for one user (S10).
    pub user_rate_limit: Option<RateLimit>,
    /// What it asks of security and user tokens, and the keys to them (X1).
    #[serde(default)]
    pub tokens: TokenSettings,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Project {
    /// A new one of `owner`, active, without signing required, with the defaults of the requirements.
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
}

impl HistoryDays {
    /// When what happened at that moment is forgotten, in Unix seconds (S8).
    #[must_use]
    pub fn expires_at(self, at: Timestamp) -> i64 {
        at.as_second() + i64::from(self.0) * 86_400
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_s8_limits_and_days_are_whole_and_bounded() {
        let limit = |text: &str| serde_json::from_str::<DeviceLimit>(text).ok().map(u32::from);
        assert_eq!((limit("1"), limit("2.0"), limit("500")), (Some(1), Some(2), Some(500)));
        let days = |text: &str| serde_json::from_str::<HistoryDays>(text).ok().map(u32::from);
        assert_eq!((days("1"), days("3650"), days("3651")), (Some(1), Some(3650), None));
        for bad in ["0", "-1", "3651", "1.5", "1e300", "\"1\"", "null", "true"] {
            assert_eq!((limit(bad), days(bad)), (None, None), "{bad}");
        }
    }
}
