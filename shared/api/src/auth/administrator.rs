//! Authenticates callers of the Admin API: an API key with a signed request (F10) or an access token (K5, A2).

use lambda_http::Request;
use model::{Caller, Timestamp};
use store::{Lookup, View};

use crate::auth::credentials::Credentials;
use crate::auth::denied::{Denied, Party};
use crate::auth::switches::is_caller_on;

/// Returns the caller if its key, its entity and all entities above it are active, with the API switch on. Takes two
/// round trips; afterwards `view` also contains the issuer.
///
/// # Errors
/// [`Denied`].
pub async fn authenticate_administrator(
    request: &Request,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Caller, Denied> {
    let credentials = Credentials::signed_or_bearer(request, view, now).await?;
    let caller = credentials.authenticate(view, [Lookup::Issuer]).await?;
    Party::ApiKey.require_switched_on(is_caller_on(&caller))?;
    Ok(caller)
}
