//! A partner's sites, each with its own signing secret (V5, V9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Entity, EntityId, Partner, PartnerId, SecretVersion, Secrets, SiteId, SiteName, Status, TokenDuration,
};

/// One site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// `site-<uuid>`: the `siteId` of its tokens.
    pub id: SiteId,
    /// Whose site it is.
    pub partner_id: PartnerId,
    /// The partner's entity.
    pub entity_id: EntityId,
    /// The entity's ancestors, so that all of them can be read at once.
    pub ancestors: Vec<EntityId>,
    /// What requests call it, unique among the partner's sites. It never changes: tokens and devices' ids carry it.
    pub name: SiteName,
    /// How long its tokens live (V5).
    pub token_duration: TokenDuration,
    /// Whether its tokens may be had by GET as well (V1).
    pub allow_get: bool,
    /// Disabled sites stay stored.
    pub status: Status,
    /// What its tokens are signed with (V5, V9).
    pub secrets: Secrets,
    /// Counts changes; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Site {
    /// A new one of `partner`, which belongs to `owner`, active, by POST alone.
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

    /// The tenant it belongs to (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }
}
