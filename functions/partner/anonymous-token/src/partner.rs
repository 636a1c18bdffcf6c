//! Proving which partner calls (V2).

use std::sync::Arc;

use api::{Code, Problem, Request};
use crypto::{Prefix, Secret};
use model::{Partner, PartnerKey, SiteName, Status, Timestamp};
use store::{Lookup, View};

/// Why a caller is not a partner. For the log; the caller hears one message.
#[derive(Debug, thiserror::Error)]
enum Denied {
    #[error("the key is missing, there twice, or none of ours by its looks")]
    Malformed,
    #[error("unknown key")]
    Unknown,
    #[error("key disabled or ended")]
    Ended,
    #[error("partner disabled")]
    Disabled,
}

/// The partner whose key the request carries. Reads the key in one round trip, and in a second one the partner, its
/// entity with all above, and the site asked for.
///
/// That the entity is off is told only to who holds a key that works, as in windows F and K.
pub(crate) async fn authenticated(
    request: &Request,
    site: Option<&SiteName>,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Arc<Partner>, Problem> {
    let denied = |denied: Denied| Problem::unauthenticated(denied, now);
    let digest = digest(request).ok_or_else(|| denied(Denied::Malformed))?;
    view.fetch([Lookup::PartnerKey(digest.clone()), Lookup::Issuer]).await?;
    let key = view.partner_key(&digest).cloned().ok_or_else(|| denied(Denied::Unknown))?;
    if !key.is_usable(now) {
        return Err(denied(Denied::Ended));
    }
    view.fetch(named_by(&key, site)).await?;
    let partner = view.partner(key.entity_id, key.partner_id).ok_or_else(|| denied(Denied::Unknown))?;
    if partner.status != Status::Active {
        return Err(denied(Denied::Disabled));
    }
    let lineage = view.lineage(key.entity_id).ok_or_else(|| denied(Denied::Unknown))?;
    if lineage.is_active() && lineage.is_api_enabled() {
        return Ok(partner.clone());
    }
    Err(Problem::new(Code::EntityDisabled, "the partner's entity, one above it, or its API switch is off"))
}

/// The hash of the key presented: what the stored ones are found by.
///
/// No comparison is left whose time could tell anything. A guess that is close to a key has a hash that is not, and
/// what the checksum gives away is how keys are written, not which there are.
fn digest(request: &Request) -> Option<String> {
    let key = api::single(request.headers(), "x-api-key")?;
    Secret::is_well_formed(key, Prefix::PartnerKey).then(|| Secret::from(key.to_owned()).digest())
}

fn named_by(key: &PartnerKey, site: Option<&SiteName>) -> impl Iterator<Item = Lookup> {
    let path = std::iter::once(key.entity_id).chain(key.ancestors.iter().copied()).map(Lookup::Entity);
    let site = site.map(|name| Lookup::Site(key.partner_id, name.clone()));
    path.chain([Lookup::Partner(key.entity_id, key.partner_id)]).chain(site)
}
