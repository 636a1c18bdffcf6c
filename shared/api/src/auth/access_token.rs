//! Verifying an access token of window K (K5) or of the OAuth token endpoint (A2) as proof of a caller.

use crypto::{Algorithm, TokenType, UnverifiedHeader, dangerous_claims};
use model::{AccessClaims, ClientClaims, ClientId, Timestamp};
use serde::Deserialize;
use store::Issuer;

use crate::auth::denied::{Denied, Reason};

/// The verified claims that identify a caller.
#[derive(Debug)]
pub(crate) struct AccessToken {
    /// The API key it was issued to.
    pub(crate) client_id: ClientId,
    /// Its scopes, separated by spaces.
    pub(crate) scope: String,
}

/// The API key in the unverified claims. Use it only to choose what to read.
pub(crate) fn unverified_subject(token: &str) -> Option<ClientId> {
    #[derive(Deserialize)]
    struct Subject {
        sub: ClientId,
    }
    dangerous_claims::<Subject>(token).map(|claims| claims.sub)
}

/// Verifies `token`. The `typ` in its header selects the kind of claims. The algorithm is always RS256.
pub(crate) fn verify(token: &str, issuer: &Issuer, now: Timestamp) -> Result<AccessToken, Denied> {
    let (keys, issuers) = (issuer.public_keys(now)?, issuer.accepted_urls(now));
    let refused = |error: crypto::SignatureError| Reason::Token(error.into()).at(now);
    let rejected = |error: model::ClaimsError| Reason::Token(error.into()).at(now);
    let typ = UnverifiedHeader::parse(token).and_then(|header| header.typ);
    if typ.as_deref() == Some(TokenType::AccessToken.name()) {
        let claims: ClientClaims =
            keys.verify(token, Algorithm::RS256, TokenType::AccessToken).map_err(refused)?;
        claims.validate(&issuers, now).map_err(rejected)?;
        return Ok(AccessToken { client_id: claims.sub, scope: claims.scope });
    }
    let claims: AccessClaims = keys.verify(token, Algorithm::RS256, TokenType::Jwt).map_err(refused)?;
    claims.validate(&issuers, now).map_err(rejected)?;
    Ok(AccessToken { client_id: claims.sub, scope: claims.scope })
}
