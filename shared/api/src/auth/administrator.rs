//! Authenticates callers of the Admin API: an API key with an access token (K5, A2), or with a signed request (F10) where
//! the operator accepts them (A12).

use lambda_http::Request;
use model::{Caller, Timestamp};
use store::{Lookup, View};

use crate::auth::credentials::Credentials;
use crate::auth::denied::{Denied, Party};
use crate::auth::switches::is_caller_on;
use crate::problem::{Code, Problem};
use crate::runtime::PlainSignatures;

/// The challenge in 401 responses of the Admin API (RFC 6750, 3).
pub const ADMIN_CHALLENGE: &str = "Bearer realm=\"tokenbooth\"";

/// The sentence in every 401 response of the Admin API. It says the same to every caller.
const BEARER_WANTED: &str = "the credentials are missing, malformed, stale, unknown or wrong; send a bearer token from \
    /v1/token or /oauth2/token";

/// Returns the caller if its key, its entity and all entities above it are active, with the API switch on. Takes two
/// round trips; afterwards `view` also contains the issuer.
///
/// # Errors
/// [`Code::InvalidCredentials`], [`Code::EntityDisabled`], or the store's.
pub async fn authenticate_administrator(
    request: &Request,
    plain_signatures: PlainSignatures,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Caller, Problem> {
    authenticate(request, plain_signatures, view, now).await.map_err(|denied| {
        let problem = Problem::from(denied);
        if problem.code() == Code::InvalidCredentials { problem.with_detail(BEARER_WANTED) } else { problem }
    })
}

async fn authenticate(
    request: &Request,
    plain_signatures: PlainSignatures,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Caller, Denied> {
    let credentials = Credentials::of_key(request, plain_signatures, view, now).await?;
    let caller = credentials.authenticate(view, [Lookup::Issuer]).await?;
    Party::ApiKey.require_switched_on(is_caller_on(&caller))?;
    Ok(caller)
}
