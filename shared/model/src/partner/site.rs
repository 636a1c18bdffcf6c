//! A partner's sites, each with its own signing secret (V5, V9).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Entity, EntityId, Partner, PartnerId, SecretVersion, Secrets, SiteId, SiteName, Status, TokenDuration,
};

/// A lifetime of tokens that ended, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerDuration {
    /// The lifetime.
    pub duration: TokenDuration,
    /// No token is issued with it from this time on.
    pub until: Timestamp,
}

/// How long a function may issue tokens with a setting that was changed: the longest that settings can be cached.
const CHANGE_DELAY: SignedDuration = SignedDuration::from_secs(300);

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
    /// The longer lifetime that tokens had before it was shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_duration: Option<FormerDuration>,
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
            former_duration: None,
            allow_get: false,
            status: Status::Active,
            secrets: Secrets::new(secret),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The site with another lifetime of its tokens. Tokens that were issued before keep the life they have. Only one
    /// former lifetime is kept: of several that tokens still have, the longest.
    #[must_use]
    pub fn with_duration(self, duration: TokenDuration, now: Timestamp) -> Self {
        if duration == self.token_duration {
            return self;
        }
        let seconds = |it: &FormerDuration| it.duration.as_duration();
        let ended = FormerDuration { duration: self.token_duration, until: now + CHANGE_DELAY };
        let is_alive = |former: &FormerDuration| now < former.until + seconds(former);
        let longest = self.former_duration.filter(is_alive).map_or(ended.duration, |former| {
            if seconds(&former) > seconds(&ended) { former.duration } else { ended.duration }
        });
        let former = FormerDuration { duration: longest, ..ended };
        let is_shorter = duration.as_duration() < seconds(&former);
        Self { token_duration: duration, former_duration: is_shorter.then_some(former), ..self }
    }

    /// The longest life in seconds of a token that was issued at the Unix second `iat`.
    #[must_use]
    pub fn longest_token_seconds(&self, iat: i64) -> i64 {
        let former = self.former_duration.filter(|former| iat <= former.until.as_second());
        let former_seconds = former.map_or(0, |former| former.duration.as_duration().as_secs());
        self.token_duration.as_duration().as_secs().max(former_seconds)
    }

    /// The customer (tenant) of the site (A6).
    #[must_use]
    pub fn customer(&self) -> EntityId {
        self.ancestors.last().copied().unwrap_or(self.entity_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityKind, Name};

    fn duration(seconds: u32) -> TokenDuration {
        TokenDuration::try_from(f64::from(seconds)).unwrap()
    }

    fn site(seconds: u32, now: Timestamp) -> Site {
        let name = Name::try_from("n".to_owned()).unwrap();
        let owner = Entity::new(EntityKind::Customer, None, name.clone(), now);
        let partner = Partner::new(&owner, name, now);
        let sealed =
            crypto::DataKeys::unnamed(crypto::DataKey::new(&[0; 32]).unwrap()).seal(b"", "").unwrap();
        let secret = SecretVersion::new(sealed, String::new(), now);
        let site_name = SiteName::try_from("s".to_owned()).unwrap();
        Site::new((SiteId::new(now), secret), &partner, &owner, site_name, duration(seconds), now)
    }

    /// A change takes effect everywhere after 300 s. Tokens of the old duration can be issued until then.
    #[test]
    fn v5_a_shorter_duration_holds_for_tokens_issued_after_the_change() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let shorter = site(3600, at(0)).with_duration(duration(600), at(10_000));
        for (iat, longest) in
            [(i64::MIN, 3600), (9_999, 3600), (10_300, 3600), (10_301, 600), (i64::MAX, 600)]
        {
            assert_eq!(shorter.longest_token_seconds(iat), longest, "{iat}");
        }
        let unchanged = shorter.clone().with_duration(duration(600), at(11_000));
        assert_eq!(unchanged.longest_token_seconds(10_301), 600, "a change of something else");
        let twice = shorter.clone().with_duration(duration(60), at(11_000));
        assert_eq!((twice.longest_token_seconds(11_300), twice.longest_token_seconds(11_301)), (3600, 60));
        let later = shorter.clone().with_duration(duration(60), at(20_000));
        assert_eq!(later.longest_token_seconds(11_000), 600, "tokens of 3600 s have ended");
        let longer = shorter.with_duration(duration(7200), at(11_000));
        assert_eq!(longer.longest_token_seconds(0), 7200);
        assert_eq!(longer.former_duration, None);
    }
}
