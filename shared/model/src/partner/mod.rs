//! Window V: partners and their keys (V1, V2), sites and devices.

mod device;
mod site;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Entity, EntityId, Name, PartnerId, PartnerKeyId, RateLimit, Status};

pub use device::Device;
pub use site::Site;

/// The most keys one partner holds.
pub const KEYS_PER_PARTNER: u32 = 20;

/// The most sites one partner has.
pub const SITES_PER_PARTNER: u32 = 1000;

/// Whose sites anonymous devices visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// `partner-<uuid>`.
    pub id: PartnerId,
    /// The entity it belongs to.
    pub entity_id: EntityId,
    /// Its name, unique in the entity.
    pub name: Name,
    /// Disabled partners stay stored.
    pub status: Status,
    /// Whether its tokens may be had by GET as well (V1).
    pub allow_get: bool,
    /// How often it may ask for tokens, in all; the route's default if it is not told.
    pub rate_limit: Option<RateLimit>,
    /// How often it may ask for tokens of one device.
    pub device_rate_limit: Option<RateLimit>,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Partner {
    /// A new one of `owner`, active, by POST alone, with the route's limits.
    #[must_use]
    pub fn new(owner: &Entity, name: Name, now: Timestamp) -> Self {
        Self {
            id: PartnerId::new(now),
            entity_id: owner.id,
            name,
            status: Status::Active,
            allow_get: false,
            rate_limit: None,
            device_rate_limit: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// One `x-api-key` of a partner (V2). What is stored is its hash: it is only ever compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerKey {
    /// `partner-key-<uuid>`.
    pub id: PartnerKeyId,
    /// The key's SHA-256.
    pub digest: String,
    /// Whose key it is.
    pub partner_id: PartnerId,
    /// The partner's entity.
    pub entity_id: EntityId,
    /// The entity's ancestors, so that all of them can be read at once.
    pub ancestors: Vec<EntityId>,
    /// What it is called.
    pub name: Name,
    /// Disabled keys stay stored.
    pub status: Status,
    /// From this moment on it no longer works.
    pub valid_until: Option<Timestamp>,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PartnerKey {
    /// A new key of `partner`, which belongs to `owner`, without an end.
    #[must_use]
    pub fn new(digest: String, partner: &Partner, owner: &Entity, name: Name, now: Timestamp) -> Self {
        Self {
            id: PartnerKeyId::new(now),
            digest,
            partner_id: partner.id,
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            name,
            status: Status::Active,
            valid_until: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it works at that moment.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.valid_until.is_none_or(|end| now < end)
    }
}
