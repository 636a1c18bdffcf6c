//! The rules: which tokens an API admits, and which scopes a route needs (A3).

use api::{Claims, VerifiedToken, is_api_on};
use model::{Api, ApiId, ApiIdentifier, RoutePattern, ScopeNames, SignedClaims, UserId};
use store::{StoreError, View};

use crate::event::Route;

/// Why a call is not admitted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The event is not one of the two that this function answers.
    #[error(
        "the event is neither of an HTTP API with payload format 2.0 nor of a REST API with type REQUEST"
    )]
    UnsupportedEvent,
    /// The stage does not name the API.
    #[error("the stage variable tokenbooth_audience is not set")]
    NoAudience,
    /// There is no API with this identifier, or it is switched off.
    #[error("no active API has the identifier in the stage variable tokenbooth_audience")]
    UnknownApi,
    /// The request has no bearer token, or several.
    #[error("the request has no bearer token, or several")]
    NoToken,
    /// The token does not verify, was revoked, or belongs to something that is switched off.
    #[error("the token is invalid, revoked, or no longer in force")]
    InvalidToken,
    /// The token is for another audience, and the API does not accept it.
    #[error("the API does not accept this token")]
    NotAccepted,
    /// The API names no scopes for the route.
    #[error("the API has neither this route nor default scopes")]
    UnknownRoute,
    /// The token lacks a scope that the route needs.
    #[error("the token lacks a scope of the route")]
    InsufficientScope,
    /// The path has a character that is a wildcard in a policy, or is too long for one.
    #[error("the path cannot be named in a policy")]
    UnusualPath,
    /// DynamoDB failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// The code in the log line and in the context of a refusal.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedEvent => "unsupported_event",
            Self::NoAudience => "no_audience",
            Self::UnknownApi => "unknown_api",
            Self::NoToken => "missing_token",
            Self::InvalidToken => "invalid_token",
            Self::NotAccepted => "token_not_accepted",
            Self::UnknownRoute => "unknown_route",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnusualPath => "unusual_path",
            Self::Store(_) => "temporarily_unavailable",
        }
    }
}

/// The API with this identifier, if it and all entities above it are active.
pub(crate) fn active_api<'v>(view: &'v View<'_>, identifier: &ApiIdentifier) -> Result<&'v Api, Refusal> {
    let found = view.api_owner(identifier).and_then(|owner| view.api(owner.api_id));
    let is_on = |api: &&Api| view.lineage(api.entity_id).is_some_and(|entity| is_api_on(api, &entity));
    found
        .map(AsRef::as_ref)
        .filter(|api| api.identifier == *identifier && is_on(api))
        .ok_or(Refusal::UnknownApi)
}

/// The scopes of `api` that the token has, if the API admits it. A token for another audience has none: what it allows, it
/// allows elsewhere.
pub(crate) fn admit(api: &Api, token: &VerifiedToken) -> Result<ScopeNames, Refusal> {
    if !token.in_force || token.revoked {
        return Err(Refusal::InvalidToken);
    }
    let accepts = &api.accepts;
    let (audience, is_listed): (Option<ApiId>, bool) = match &token.claims {
        Claims::Api(claims) => (Some(claims.api_id), false),
        Claims::Anonymous(claims) if claims.api_id.is_some() => (claims.api_id, false),
        Claims::Anonymous(claims) => (None, accepts.providers.contains(&claims.provider_id)),
        Claims::Device { claims, .. } => (None, accepts.sites.contains(&claims.site_id)),
        Claims::Signed { claims, project_id } => {
            (None, names_a_user(claims) && accepts.projects.contains(project_id))
        }
        Claims::Access(_) | Claims::Client(_) => (None, accepts.booth_tokens),
    };
    let is_admitted = audience.map_or(is_listed, |audience| audience == api.id);
    if !is_admitted || token.customer() != api.customer() {
        return Err(Refusal::NotAccepted);
    }
    let scope = token.claims.scope().filter(|_| audience.is_some()).unwrap_or_default();
    ScopeNames::parse(scope).ok_or(Refusal::InvalidToken)
}

/// Whether a token of window S is about a user. The `user` of a token for one call can be an event, and the project's server
/// can sign any text (S4).
fn names_a_user(claims: &SignedClaims) -> bool {
    claims.purpose.is_none() && UserId::try_from(claims.user.clone()).is_ok()
}

/// Checks that `scopes` has all that the route needs. An entry of the API for `ANY` is for the methods that have none of their
/// own. The route `ANY` of an HTTP API has no other entry: its decision counts for every method.
pub(crate) fn require_scopes(api: &Api, route: Option<&Route>, scopes: &ScopeNames) -> Result<(), Refusal> {
    let of_route = route.and_then(|route| {
        let patterns = [&*route.method, "ANY"].map(|method| format!("{method} {}", route.path));
        let patterns = patterns.into_iter().filter_map(|pattern| RoutePattern::try_from(pattern).ok());
        patterns.filter_map(|pattern| api.routes.scopes_of(&pattern)).next()
    });
    let required = of_route.or(api.default_scopes.as_ref()).ok_or(Refusal::UnknownRoute)?;
    if scopes.covers(required) { Ok(()) } else { Err(Refusal::InsufficientScope) }
}
