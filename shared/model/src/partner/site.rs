//! A partner's sites, each with its own signing secret (V5, V9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Entity, EntityId, Partner, PartnerId, SecretVersion, Secrets, SiteId, SiteName, Status, TokenDuration,
};

/// A site of a partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// `site-<uuid>`: the `siteId` in its tokens.
    pub id: SiteId,
    /// The partner that owns the site.
    pub partner_id: PartnerId,
    /// The entity that owns the partner.
    pub entity_id: EntityId,
    /// The ancestors of that entity, so that one read can fetch all of them.
    pub ancestors: Vec<EntityId>,
    /// The name in requests, unique among the partner's sites. It never changes, because requests and tokens
    /// contain it.
    pub name: SiteName,
    /// The lifetime of its tokens (V5).
    pub token_duration: TokenDuration,
    /// Whether tokens can be requested by GET as well (V1).
    pub allow_get: bool,
    /// A disabled site stays stored.
    pub status: Status,
    /// The secret that signs its tokens (V5, V9).
    pub secrets: Secrets,
    /// Number of changes; the ETag.
    pub version: u64,
    /// When the site was created.
    pub created_at: Timestamp,
    /// When the site was last changed.
    pub updated_at: Timestamp,
}

impl Site {
    /// A new active site of `partner`, with POST only. `owner` is the partner's entity.
    #[must_use]
    pub fn new(
        (id, secret): (SiteId, SecretVersion),
        partner: &Partner,
        owner: &Entity,
        name: SiteName,
        token_duration: TokenDuration,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            partner_id: partner.id,
            entity_id: owner.id,
            ancestors: owner.ancestors.clone(),
            name,
            token_duration,
            allow_get: false,
            status: Status::Active,
            secrets: Secrets::new(secret),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The customer (tenant) of the site (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }
}
