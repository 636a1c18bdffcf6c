//! Verifies a token with the records that its hint selected.

use crypto::{Algorithm, PublicKeys, SignatureError, TokenType, verify_hs256};
use model::{
    AccessClaims, AnonymousClaims, Api, ApiClaims, ApiId, ClaimsError, ClientClaims, ClientId, DeviceClaims,
    EntityId, ProjectId, ScopeNames, SignedClaims, SiteId, Timestamp,
};
use store::{Lookup, StoreError, View};

use crate::auth::switches::{is_api_on, is_entity_on, is_project_on, is_site_on};
use crate::auth::token::anonymous::is_in_force;
use crate::auth::token::claims::{Claims, VerifiedToken};
use crate::auth::token::hint::{PresentedToken, TokenHint};

impl PresentedToken<'_> {
    /// Verifies the token. Returns `None` if this deployment or its projects did not sign it, or if it has expired. `view`
    /// must contain the records of both round trips.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn verify(
        &self,
        view: &View<'_>,
        now: Timestamp,
    ) -> Result<Option<VerifiedToken>, StoreError> {
        let issuer = view.issuer()?;
        let (issuers, keys) = (issuer.accepted_urls(now), issuer.public_keys(now)?);
        let verifier = Verifier { token: self.token, issuers, keys, view, now };
        let verified = match &self.hint {
            TokenHint::Anonymous { algorithm, .. } => verifier.anonymous(*algorithm),
            TokenHint::Access(_) => verifier.access(),
            TokenHint::Client(_) => verifier.client(),
            TokenHint::Api(api, _, algorithm) => verifier.api(*api, *algorithm),
            TokenHint::Device(site) => verifier.device(*site),
            TokenHint::SignedFor(client) => {
                let owner = view.project_owner(&Lookup::ProjectOfClient(client.clone()));
                owner.and_then(|owner| verifier.signed(owner.project_id))
            }
            TokenHint::Signed(project) => verifier.signed(*project),
            TokenHint::SignedByUnknown | TokenHint::Other => None,
        };
        Ok(verified.map(|token| VerifiedToken { revoked: view.is_revoked(&self.digest), ..token }))
    }
}

/// A token, and the records and keys that verify it.
struct Verifier<'a> {
    token: &'a str,
    /// The issuers that a token may name.
    issuers: Vec<&'a str>,
    keys: PublicKeys,
    view: &'a View<'a>,
    now: Timestamp,
}

impl Verifier<'_> {
    fn anonymous(&self, algorithm: Algorithm) -> Option<VerifiedToken> {
        let claims: AnonymousClaims = self.keys.verify(self.token, algorithm, TokenType::Jwt).ok()?;
        let api = claims.api_id.and_then(|id| self.view.api(id));
        let begun = has_begun(claims.validate(&self.issuers, api.map(|api| &**api), self.now))?;
        let is_on = is_in_force(&claims, self.view);
        let api_owner = api.and_then(|api| self.view.entity(api.entity_id)).cloned();
        let token = self.verified(claims.entity_id, Claims::Anonymous(claims), begun && is_on)?;
        Some(VerifiedToken { api_owner, ..token })
    }

    fn access(&self) -> Option<VerifiedToken> {
        let claims: AccessClaims = self.keys.verify(self.token, Algorithm::RS256, TokenType::Jwt).ok()?;
        let begun = has_begun(claims.validate(&self.issuers, self.now))?;
        let (owner, is_on) = self.key_owner(&claims.sub)?;
        self.verified(owner, Claims::Access(claims), begun && is_on)
    }

    fn client(&self) -> Option<VerifiedToken> {
        let claims: ClientClaims =
            self.keys.verify(self.token, Algorithm::RS256, TokenType::AccessToken).ok()?;
        let begun = has_begun(claims.validate(&self.issuers, self.now))?;
        let (owner, is_on) = self.key_owner(&claims.sub)?;
        self.verified(owner, Claims::Client(claims), begun && is_on)
    }

    /// A token for an own API. It is in force while the API is, and while the integration of its key is granted its scopes.
    fn api(&self, id: ApiId, algorithm: Algorithm) -> Option<VerifiedToken> {
        let api = self.view.api(id)?;
        let claims: ApiClaims = self.keys.verify(self.token, algorithm, TokenType::AccessToken).ok()?;
        let begun = has_begun(claims.validate(&self.issuers, api, self.now))?;
        let (owner, is_key_on) = self.key_owner(&claims.sub)?;
        let is_api_on = is_api_on(api, &self.view.lineage(api.entity_id)?);
        let api_owner = self.view.entity(api.entity_id)?.clone();
        let in_force = begun && is_key_on && is_api_on && self.is_granted(&claims, api);
        let token = self.verified(owner, Claims::Api(claims), in_force)?;
        Some(VerifiedToken { api_owner: Some(api_owner), ..token })
    }

    /// Whether the integration of the key is still granted the scopes of the token, and the API still has them.
    fn is_granted(&self, claims: &ApiClaims, api: &Api) -> bool {
        let key = self.view.credential(&claims.sub).map(|credential| &credential.key);
        let integration = key.and_then(|key| self.view.integration(key.entity_id, key.integration_id));
        let granted = integration.and_then(|integration| integration.api_grants.scopes_of(claims.api_id));
        let scopes = granted.map(|granted| granted.within(&api.scopes.names()));
        scopes.zip(ScopeNames::parse(&claims.scope)).is_some_and(|(granted, own)| granted.covers(&own))
    }

    /// The entity of the key that a token was issued to, and whether the key is usable and on.
    fn key_owner(&self, client: &ClientId) -> Option<(EntityId, bool)> {
        let key = &self.view.credential(client)?.key;
        let entity = self.view.lineage(key.entity_id)?;
        Some((key.entity_id, key.is_usable(self.now) && is_entity_on(&entity)))
    }

    fn device(&self, site: SiteId) -> Option<VerifiedToken> {
        let owner = self.view.site_owner(site)?;
        let open = self.view.site(owner.partner_id, &owner.name).filter(|open| open.site.id == site)?;
        let claims: DeviceClaims = verify_hs256(self.token, open.secrets.usable(self.now)).ok()?;
        let begun = has_begun(claims.validate(&self.issuers, &open.site, self.now))?;
        let entity = self.view.lineage(owner.entity_id)?;
        let partner = self.view.partner(owner.entity_id, owner.partner_id);
        let is_on = partner.is_some_and(|partner| is_site_on(&open.site, partner, &entity));
        let claims = Claims::Device { claims, partner_id: owner.partner_id };
        self.verified(owner.entity_id, claims, begun && is_on)
    }

    fn signed(&self, project_id: ProjectId) -> Option<VerifiedToken> {
        let open = self.view.project(project_id)?;
        let verified: Result<SignedClaims, SignatureError> =
            verify_hs256(self.token, open.secrets.usable(self.now));
        let claims = verified.ok()?;
        let begun = has_begun(claims.validate(self.now))?;
        let entity = self.view.lineage(open.project.entity_id)?;
        let is_on = is_project_on(&open.project, &entity);
        self.verified(open.project.entity_id, Claims::Signed { claims, project_id }, begun && is_on)
    }

    fn verified(&self, owner: EntityId, claims: Claims, in_force: bool) -> Option<VerifiedToken> {
        let owner = self.view.entity(owner)?.clone();
        Some(VerifiedToken { claims, owner, api_owner: None, in_force, revoked: false })
    }
}

/// Whether the token is valid: not before its time, and not of too long a life. `None` if it has expired, or was not
/// issued here.
fn has_begun(validated: Result<(), ClaimsError>) -> Option<bool> {
    match validated {
        Ok(()) => Some(true),
        Err(ClaimsError::NotYetValid | ClaimsError::LivesTooLong) => Some(false),
        Err(ClaimsError::WrongIssuer | ClaimsError::Expired | ClaimsError::WrongTokenKind) => None,
    }
}
