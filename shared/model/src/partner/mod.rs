//! Window V: partners and their keys (V1, V2), sites and devices.

mod device;
mod site;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Entity, EntityId, Name, PartnerId, PartnerKeyId, RateLimit, Status};

pub use device::Device;
pub use site::{FormerDuration, Site};

/// The maximum number of keys of one partner.
pub const KEYS_PER_PARTNER: u32 = 20;

/// The maximum number of sites of one partner.
pub const SITES_PER_PARTNER: u32 = 1000;

/// A partner. Anonymous devices visit its sites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// `partner-<uuid>`.
    pub id: PartnerId,
    /// The entity that owns the partner.
    pub entity_id: EntityId,
    /// The name, unique in the entity.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// A disabled partner stays stored.
    pub status: Status,
    /// Whether tokens can be requested by GET as well (V1).
    pub allow_get: bool,
    /// Whether the partner's server names the address of its caller in `X-Forwarded-For` (V10).
    #[serde(default)]
    pub trusted_forwarder: bool,
    /// The limit for all token requests. `None` means the default of the route.
    pub rate_limit: Option<RateLimit>,
    /// The limit for token requests of one device.
    pub device_rate_limit: Option<RateLimit>,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the partner was created.
    pub created_at: Timestamp,
    /// When the partner was last changed.
    pub updated_at: Timestamp,
}

impl Partner {
    /// A new active partner of `owner`, with POST only, with the default limits, and not a trusted forwarder.
    #[must_use]
    pub fn new(owner: &Entity, name: Name, now: Timestamp) -> Self {
        Self {
            id: PartnerId::new(now),
            entity_id: owner.id,
            name,
            status: Status::Active,
            allow_get: false,
            trusted_forwarder: false,
            rate_limit: None,
            device_rate_limit: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// One `x-api-key` of a partner (V2). Only its hash is stored, because it is only compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerKey {
    /// `partner-key-<uuid>`.
    pub id: PartnerKeyId,
    /// SHA-256 of the key.
    pub digest: String,
    /// The partner that owns the key.
    pub partner_id: PartnerId,
    /// The entity that owns the partner.
    pub entity_id: EntityId,
    /// The ancestors of that entity, so that one read can fetch all of them.
    pub ancestors: Vec<EntityId>,
    /// The name of the key.
    #[serde(deserialize_with = "Name::stored")]
    pub name: Name,
    /// A disabled key stays stored.
    pub status: Status,
    /// The key is invalid from this time on. `None` means that it has no end.
    pub valid_until: Option<Timestamp>,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the key was created.
    pub created_at: Timestamp,
    /// When the key was last changed.
    pub updated_at: Timestamp,
}

impl PartnerKey {
    /// The customer (tenant) of the key (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }

    /// A new active key of `partner` without an end. `owner` is the partner's entity.
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

    /// Whether the key is valid at the time `now`.
    #[must_use]
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.status == Status::Active && self.valid_until.is_none_or(|end| now < end)
    }
}
