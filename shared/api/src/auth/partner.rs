//! Authenticates partners by their key (V2).

use std::sync::Arc;

use crypto::{Prefix, Secret};
use lambda_http::Request;
use model::{Partner, PartnerKey, Status, Timestamp};
use store::{Lookup, View};

use crate::auth::denied::{Denied, Party, Reason};
use crate::auth::headers::single_header;
use crate::auth::switches::is_entity_on;
use crate::auth::{logged_caller, lookups};

/// The header with a partner's key.
pub(crate) const PARTNER_KEY_HEADER: &str = "x-api-key";

/// Returns the partner whose key the request has. The first round trip reads the key and `also`; the second one reads the
/// partner, its entities, and the lookups that `then` returns for the records of the first one.
///
/// # Errors
/// [`Denied::Unauthenticated`]; [`Denied::SwitchedOff`], only for a key that works; or [`Denied::Store`].
pub async fn authenticate_partner(
    request: &Request,
    view: &mut View<'_>,
    also: impl IntoIterator<Item = Lookup>,
    then: impl FnOnce(&View<'_>, &PartnerKey) -> Vec<Lookup>,
    now: Timestamp,
) -> Result<Arc<Partner>, Denied> {
    let digest = key_digest(request).ok_or(Reason::Malformed(PARTNER_KEY_HEADER).at(now))?;
    view.fetch(also.into_iter().chain([Lookup::PartnerKey(digest.clone())])).await?;
    let key = view.partner_key(&digest).cloned().ok_or(Reason::Unknown.at(now))?;
    logged_caller::note_partner_key(key.id, key.customer());
    if !key.is_usable(now) {
        return Err(Reason::Disabled.at(now));
    }
    let second: Vec<_> = lookups::of_partner_key(&key).chain(then(view, &key)).collect();
    view.fetch(second).await?;
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
    let key = single_header(request.headers(), PARTNER_KEY_HEADER)?;
    Secret::is_well_formed(key, Prefix::PartnerKey).then(|| Secret::from(key.to_owned()).digest())
}
