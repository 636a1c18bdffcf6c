//! Verifies the secure anonymous token that a user sends (F15), or that is to be renewed (F18).

use crypto::TokenType;
use lambda_http::Request;
use model::{AnonymousClaims, ScopeNames, Timestamp};
use store::View;

use crate::auth::denied::{Denied, Reason};
use crate::auth::headers::bearer;
use crate::auth::logged_caller;
use crate::auth::switches::{is_api_on, is_provider_on};
use crate::auth::token::hint::{PresentedToken, TokenHint};
use crate::cors::require_allowed_origin;

/// Returns the claims of the token in `Authorization: Bearer`, as [`verify_anonymous_text`] does. A page must be of an
/// origin that the provider or the API of the token allows (A9).
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
    let TokenHint::Anonymous { entity, provider, api, .. } = presented.hint else {
        return Err(not_anonymous(now));
    };
    view.fetch(presented.first_lookups()).await?;
    let of_provider = view.provider(entity, provider).map(|it| &it.allowed_origins);
    let of_api = api.and_then(|id| view.api(id)).map(|it| &it.allowed_origins);
    require_allowed_origin(request, of_provider.into_iter().chain(of_api))?;
    let claims = verify(&presented, view, now).await?;
    if !has_present_scopes(&claims, view) {
        return Err(Reason::NotInForce.at(now));
    }
    let customer = view.lineage(claims.entity_id).and_then(|it| it.iter().last().map(|customer| customer.id));
    customer.into_iter().for_each(logged_caller::note_tenant);
    Ok(claims)
}

/// Returns the claims of the secure anonymous token `token`, if it is valid, was not revoked, and its provider and the own
/// API that it is for are switched on. The provider can have another API or other scopes now: it is to be renewed. The first round trip reads the provider, its entity and the API; the second one reads
/// the entities above them.
///
/// # Errors
/// [`Denied::Unauthenticated`], or [`Denied::Store`].
pub async fn verify_anonymous_text(
    token: &str,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<AnonymousClaims, Denied> {
    let presented = PresentedToken::read(token, None);
    if !matches!(presented.hint, TokenHint::Anonymous { .. }) {
        return Err(not_anonymous(now));
    }
    view.fetch(presented.first_lookups()).await?;
    verify(&presented, view, now).await
}

/// The refusal of other tokens. Nothing is read for them.
fn not_anonymous(now: Timestamp) -> Denied {
    Reason::Token("not a secure anonymous token".into()).at(now)
}

/// The same for a token whose records of the first round trip are in `view`.
async fn verify(
    presented: &PresentedToken<'_>,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<AnonymousClaims, Denied> {
    let TokenHint::Anonymous { algorithm, .. } = presented.hint else {
        return Err(not_anonymous(now));
    };
    let issuer = view.issuer()?;
    let refused = |error: crypto::SignatureError| Reason::Token(error.into()).at(now);
    let rejected = |error: model::ClaimsError| Reason::Token(error.into()).at(now);
    let claims: AnonymousClaims =
        issuer.public_keys(now)?.verify(presented.token, algorithm, TokenType::Jwt).map_err(refused)?;
    let api = claims.api_id.and_then(|id| view.api(id));
    claims.validate(&issuer.accepted_urls(now), api.map(|api| &**api), now).map_err(rejected)?;
    if view.is_revoked(&presented.digest) {
        return Err(Reason::Revoked.at(now));
    }
    view.fetch(presented.second_lookups(view)).await?;
    if is_on(&claims, view) { Ok(claims) } else { Err(Reason::NotInForce.at(now)) }
}

/// Whether the provider of the token and the API that it is for are on, and the provider still issues tokens with its scopes
/// for that API. Their entities must be in `view`.
pub(super) fn is_in_force(claims: &AnonymousClaims, view: &View<'_>) -> bool {
    is_on(claims, view) && has_present_scopes(claims, view)
}

/// Whether the provider issues tokens with these scopes for the API of the token. The scopes of a token for the booth are
/// those of its roles.
fn has_present_scopes(claims: &AnonymousClaims, view: &View<'_>) -> bool {
    let Some(id) = claims.api_id else { return true };
    let provider = view.provider(claims.entity_id, claims.provider_id).filter(|it| it.api_id == Some(id));
    let present =
        provider.zip(view.api(id)).map(|(provider, api)| provider.scopes.within(&api.scopes.names()));
    present.zip(ScopeNames::parse(&claims.scope)).is_some_and(|(present, own)| present.covers(&own))
}

fn is_on(claims: &AnonymousClaims, view: &View<'_>) -> bool {
    let provider = view.provider(claims.entity_id, claims.provider_id).zip(view.lineage(claims.entity_id));
    let is_for_active_api = claims.api_id.is_none_or(|id| {
        let api = view.api(id).and_then(|api| Some((api, view.lineage(api.entity_id)?)));
        api.is_some_and(|(api, entity)| is_api_on(api, &entity))
    });
    is_for_active_api && provider.is_some_and(|(provider, entity)| is_provider_on(provider, &entity))
}
