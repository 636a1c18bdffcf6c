//! Verifies the secure anonymous token that a user sends (F15).

use crypto::{Algorithm, TokenType};
use lambda_http::Request;
use model::{AnonymousClaims, Timestamp};
use store::View;

use crate::auth::denied::{Denied, Reason};
use crate::auth::headers::bearer;
use crate::auth::logged_caller;
use crate::auth::switches::is_provider_on;
use crate::auth::token::hint::{PresentedToken, TokenHint};
use crate::cors::require_allowed_origin;

/// Returns the claims of the token in `Authorization: Bearer`, if it is valid, was not revoked, and its provider is
/// switched on. A page must be of an origin that the provider allows (A9). The first round trip reads the provider and its entity; the second one reads the entities above it.
///
/// # Errors
/// [`Denied::OriginNotAllowed`], [`Denied::Unauthenticated`], or [`Denied::Store`].
pub async fn verify_anonymous_token(
    request: &Request,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<AnonymousClaims, Denied> {
    let token = bearer(request).ok_or(Reason::Malformed("authorization").at(now))?;
    let presented = PresentedToken::read(token, None);
    let TokenHint::Anonymous(entity, provider) = presented.hint else {
        return Err(Reason::Token("not a secure anonymous token".into()).at(now));
    };
    view.fetch(presented.first_lookups()).await?;
    require_allowed_origin(request, view.provider(entity, provider).map(|it| &it.allowed_origins))?;
    let issuer = view.issuer()?;
    let refused = |error: crypto::SignatureError| Reason::Token(error.into()).at(now);
    let rejected = |error: model::ClaimsError| Reason::Token(error.into()).at(now);
    let claims: AnonymousClaims =
        issuer.public_keys(now)?.verify(token, Algorithm::EdDSA, TokenType::Jwt).map_err(refused)?;
    claims.validate(&issuer.accepted_urls(now), now).map_err(rejected)?;
    if view.is_revoked(&presented.digest) {
        return Err(Reason::Revoked.at(now));
    }
    view.fetch(presented.second_lookups(view)).await?;
    let provider = view.provider(claims.entity_id, claims.provider_id).zip(view.lineage(claims.entity_id));
    match provider {
        Some((provider, entity)) if is_provider_on(provider, &entity) => {
            let customer = entity.iter().last().map(|customer| customer.id);
            customer.into_iter().for_each(logged_caller::note_tenant);
            Ok(claims)
        }
        _ => Err(Reason::NotInForce.at(now)),
    }
}
