//! Authenticates partners by their key (V2).

use std::sync::Arc;

use crypto::{Prefix, Secret};
use lambda_http::Request;
use model::{Partner, SiteName, Status, Timestamp};
use store::{Lookup, View};

use crate::auth::denied::{Denied, Party, Reason};
use crate::auth::headers::single_header;
use crate::auth::switches::is_entity_on;
use crate::auth::{logged_caller, lookups};

/// Returns the partner whose key the request has. The first round trip reads the key; the second one reads the
/// partner, its entities, and the site that the request names.
///
/// # Errors
/// [`Denied::Unauthenticated`]; [`Denied::SwitchedOff`], only for a key that works; or [`Denied::Store`].
pub async fn authenticate_partner(
    request: &Request,
    site: Option<&SiteName>,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Arc<Partner>, Denied> {
    let digest = key_digest(request).ok_or(Reason::Malformed("x-api-key").at(now))?;
    view.fetch([Lookup::PartnerKey(digest.clone()), Lookup::Issuer]).await?;
    let key = view.partner_key(&digest).cloned().ok_or(Reason::Unknown.at(now))?;
    logged_caller::note_partner_key(key.id, key.customer());
    if !key.is_usable(now) {
        return Err(Reason::Disabled.at(now));
    }
    let site_lookup = site.map(|name| Lookup::Site(key.partner_id, name.clone()));
    view.fetch(lookups::of_partner_key(&key).chain(site_lookup).collect::<Vec<_>>()).await?;
    let partner = view.partner(key.entity_id, key.partner_id).cloned();
    let (partner, entity) = partner.zip(view.lineage(key.entity_id)).ok_or(Reason::Unknown.at(now))?;
    if partner.status != Status::Active {
        return Err(Reason::Disabled.at(now));
    }
    Party::Partner.require_switched_on(is_entity_on(&entity))?;
    Ok(partner)
}

/// The hash of the key in the request. Stored keys are found by their hash.
///
/// No secret is compared, so no comparison can reveal it by its time. The check of the checksum reveals nothing about the
/// keys that exist.
fn key_digest(request: &Request) -> Option<String> {
    let key = single_header(request.headers(), "x-api-key")?;
    Secret::is_well_formed(key, Prefix::PartnerKey).then(|| Secret::from(key.to_owned()).digest())
}
