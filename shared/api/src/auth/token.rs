//! A token that somebody asks about: told apart by its looks, and verified as what it looks like (A2).

use std::sync::Arc;

use crypto::{
    Algorithm, PublicKeys, SignatureError, TokenType, UnverifiedHeader, dangerous_claims, digest_hex,
    verify_hs256,
};
use model::{
    AccessClaims, AnonymousClaims, ClaimsError, ClientClaims, ClientId, DeviceClaims, Entity, EntityId,
    ProjectId, ProviderId, SignedClaims, SiteId, Status, Timestamp,
};
use serde::Deserialize;
use store::{Lookup, StoreError, View};

/// A token with what must be read to verify it.
#[derive(Debug)]
pub struct Presented<'t> {
    token: &'t str,
    /// What a revocation is found by. A token has one text: another one that says the same does not verify.
    pub(crate) digest: String,
    looks: Looks,
}

/// Whose it claims to be. Nothing of this is verified: it chooses what to read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Looks {
    /// Window F.
    Anonymous(EntityId, ProviderId),
    /// Window K.
    Access(ClientId),
    /// The OAuth token endpoint.
    Client(ClientId),
    /// Window V.
    Device(SiteId),
    /// Window S, of the project with that client id.
    SignedFor(ClientId),
    /// Window S, of that project.
    Signed(ProjectId),
    /// Window S, of a project nobody named.
    SignedForSomeone,
    /// None of ours.
    Other,
}

/// What tells where a token comes from, as far as it has these claims.
#[derive(Deserialize)]
struct Origin {
    entity_id: Option<EntityId>,
    provider_id: Option<ProviderId>,
    client_id: Option<ClientId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceOrigin {
    site_id: SiteId,
}

/// A token that was issued here, or signed with a secret of ours, and has not expired.
#[derive(Debug)]
pub struct Known {
    /// What it says.
    pub claims: Claims,
    /// The entity it belongs to.
    pub owner: Arc<Entity>,
    /// Whether its time has come, and what it was issued for and by still works.
    pub in_force: bool,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// What a token says, by its kind.
#[derive(Debug)]
pub enum Claims {
    /// Window F.
    Anonymous(AnonymousClaims),
    /// Window K.
    Access(AccessClaims),
    /// The OAuth token endpoint.
    Client(ClientClaims),
    /// Window V.
    Device(DeviceClaims),
    /// Window S.
    Signed {
        /// What it says.
        claims: SignedClaims,
        /// Whose secret signed it.
        project_id: ProjectId,
    },
}

impl Claims {
    /// Its name in answers and in the audit log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous(_) => "secure_anonymous",
            Self::Access(_) => "access",
            Self::Client(_) => "client",
            Self::Device(_) => "anonymous_device",
            Self::Signed { .. } => "signed_security",
        }
    }

    /// The API key it was issued to, if it was to one.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Access(claims) => Some(&claims.sub),
            Self::Client(claims) => Some(&claims.sub),
            Self::Anonymous(_) | Self::Device(_) | Self::Signed { .. } => None,
        }
    }

    /// When it expires, in Unix seconds, if it does.
    #[must_use]
    pub fn exp(&self) -> Option<i64> {
        match self {
            Self::Anonymous(claims) => Some(claims.exp),
            Self::Access(claims) => Some(claims.exp),
            Self::Client(claims) => Some(claims.exp),
            Self::Device(claims) => Some(claims.exp),
            // Not before its last fraction of a second; what is out of bounds is as good as never.
            Self::Signed { claims, .. } => claims.exp.map(|exp| exp.ceil() as i64),
        }
    }

    /// Its own id, if it has one.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        match self {
            Self::Anonymous(claims) => Some(&claims.jti),
            Self::Access(claims) => Some(&claims.jti),
            Self::Client(claims) => Some(&claims.jti),
            Self::Device(claims) => Some(&claims.jti),
            Self::Signed { claims, .. } => claims.jti.as_deref(),
        }
    }
}

impl<'t> Presented<'t> {
    /// Looks at `token`; one that a project's own server signed may not say which project's it is, but who asks may.
    #[must_use]
    pub fn read(token: &'t str, project: Option<ProjectId>) -> Self {
        Self { token, digest: digest_hex(token.as_bytes()), looks: Looks::of(token, project) }
    }

    /// The same, as a token of `project` if it is of a project nobody named.
    #[must_use]
    pub fn of(self, project: Option<ProjectId>) -> Self {
        match (&self.looks, project) {
            (Looks::SignedForSomeone, Some(project)) => Self { looks: Looks::Signed(project), ..self },
            _ => self,
        }
    }

    /// What must be read first.
    #[must_use]
    pub fn lookups(&self) -> Vec<Lookup> {
        let mut wanted = vec![Lookup::Issuer, Lookup::Revocation(self.digest.clone())];
        match &self.looks {
            Looks::Anonymous(entity, provider) => {
                wanted.extend([Lookup::Entity(*entity), Lookup::Provider(*entity, *provider)]);
            }
            Looks::Access(client) | Looks::Client(client) => wanted.push(Lookup::ApiKey(client.clone())),
            Looks::Device(site) => wanted.push(Lookup::SiteOwner(*site)),
            Looks::SignedFor(client) => wanted.push(Lookup::ProjectOfClient(client.clone())),
            Looks::Signed(project) => wanted.push(Lookup::Project(*project)),
            Looks::SignedForSomeone | Looks::Other => {}
        }
        wanted
    }

    /// What must be read then. The ancestors of entities read first are read in any case.
    #[must_use]
    pub fn then(&self, view: &View<'_>) -> Vec<Lookup> {
        let path = |entity: EntityId, ancestors: &[EntityId]| {
            std::iter::once(entity).chain(ancestors.iter().copied()).map(Lookup::Entity).collect::<Vec<_>>()
        };
        match &self.looks {
            Looks::Anonymous(entity, _) => {
                view.entity(*entity).map(|it| path(it.id, &it.ancestors)).unwrap_or_default()
            }
            Looks::Access(client) | Looks::Client(client) => view
                .credential(client)
                .map(|it| path(it.key.entity_id, &it.key.ancestors))
                .unwrap_or_default(),
            Looks::Device(site) => {
                let Some(owner) = view.site_owner(*site) else { return Vec::new() };
                let mut wanted = path(owner.entity_id, &owner.ancestors);
                wanted.push(Lookup::Site(owner.partner_id, owner.name.clone()));
                wanted.push(Lookup::Partner(owner.entity_id, owner.partner_id));
                wanted
            }
            Looks::SignedFor(client) => {
                let owner = view.project_owner(&Lookup::ProjectOfClient(client.clone()));
                let Some(owner) = owner else { return Vec::new() };
                let mut wanted = path(owner.entity_id, &owner.ancestors);
                wanted.push(Lookup::Project(owner.project_id));
                wanted
            }
            Looks::Signed(project) => {
                let project = view.project(*project).map(|it| &it.project);
                project.map(|it| path(it.entity_id, &it.ancestors)).unwrap_or_default()
            }
            Looks::SignedForSomeone | Looks::Other => Vec::new(),
        }
    }

    /// The token, if it is one of ours that has not expired, once all that has been read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn verify(&self, view: &View<'_>, now: Timestamp) -> Result<Option<Known>, StoreError> {
        let issuer = view.issuer()?;
        let ours = Ours { token: self.token, url: &issuer.url, keys: issuer.public_keys(now)?, view, now };
        let verified = match &self.looks {
            Looks::Anonymous(..) => ours.anonymous(),
            Looks::Access(_) => ours.access(),
            Looks::Client(_) => ours.client(),
            Looks::Device(site) => ours.device(*site),
            Looks::SignedFor(client) => {
                let owner = view.project_owner(&Lookup::ProjectOfClient(client.clone()));
                owner.and_then(|owner| ours.signed(owner.project_id))
            }
            Looks::Signed(project) => ours.signed(*project),
            Looks::SignedForSomeone | Looks::Other => None,
        };
        Ok(verified.map(|known| Known { revoked: view.is_revoked(&self.digest), ..known }))
    }
}

impl Looks {
    fn of(token: &str, project: Option<ProjectId>) -> Self {
        let Some(header) = UnverifiedHeader::parse(token) else { return Self::Other };
        let typ = header.typ.as_deref().unwrap_or_default();
        if header.alg == "HS256" {
            return Self::shared_secret(token, header.kid.as_deref(), project);
        }
        let Some(origin) = dangerous_claims::<Origin>(token) else { return Self::Other };
        match (&*header.alg, typ == TokenType::AccessToken.name(), origin) {
            ("EdDSA", false, Origin { entity_id: Some(entity), provider_id: Some(provider), .. }) => {
                Self::Anonymous(entity, provider)
            }
            ("RS256", false, Origin { client_id: Some(client), .. }) => Self::Access(client),
            ("RS256", true, Origin { client_id: Some(client), .. }) => Self::Client(client),
            _ => Self::Other,
        }
    }

    /// What the caller says counts first; then the key id, which a site's token does not have; then the site's.
    fn shared_secret(token: &str, kid: Option<&str>, project: Option<ProjectId>) -> Self {
        if let Some(project) = project {
            return Self::Signed(project);
        }
        if let Some(client) = kid.and_then(|kid| kid.parse().ok()) {
            return Self::SignedFor(client);
        }
        let site = dangerous_claims::<DeviceOrigin>(token).map(|origin| origin.site_id);
        site.map_or(Self::SignedForSomeone, Self::Device)
    }
}

/// A token and what it is verified with.
struct Ours<'a> {
    token: &'a str,
    url: &'a str,
    keys: PublicKeys,
    view: &'a View<'a>,
    now: Timestamp,
}

impl Ours<'_> {
    fn anonymous(&self) -> Option<Known> {
        let claims =
            self.keys.verify::<AnonymousClaims>(self.token, Algorithm::EdDSA, TokenType::Jwt).ok()?;
        let due = due(claims.validate(self.url, self.now))?;
        let lineage = self.view.lineage(claims.entity_id)?;
        let provider = self.view.provider(claims.entity_id, claims.provider_id);
        let works = provider.is_some_and(|provider| provider.status == Status::Active)
            && lineage.is_active()
            && lineage.is_secure_anonymous_enabled();
        self.known(claims.entity_id, Claims::Anonymous(claims), due && works)
    }

    fn access(&self) -> Option<Known> {
        let claims = self.keys.verify::<AccessClaims>(self.token, Algorithm::RS256, TokenType::Jwt).ok()?;
        let due = due(claims.validate(self.url, self.now))?;
        let (owner, works) = self.key(&claims.sub)?;
        self.known(owner, Claims::Access(claims), due && works)
    }

    fn client(&self) -> Option<Known> {
        let claims = self.keys.verify(self.token, Algorithm::RS256, TokenType::AccessToken);
        let claims: ClientClaims = claims.ok()?;
        let due = due(claims.validate(self.url, self.now))?;
        let (owner, works) = self.key(&claims.sub)?;
        self.known(owner, Claims::Client(claims), due && works)
    }

    /// The entity of the key behind a bearer token, and whether the key works.
    fn key(&self, client: &ClientId) -> Option<(EntityId, bool)> {
        let key = &self.view.credential(client)?.key;
        Some((key.entity_id, key.is_usable(self.now) && self.is_on(key.entity_id)?))
    }

    /// Whether all that is signed with a key or secret of the entity's counts (F1, F2).
    fn is_on(&self, entity: EntityId) -> Option<bool> {
        let lineage = self.view.lineage(entity)?;
        Some(lineage.is_active() && lineage.is_api_enabled())
    }

    fn device(&self, site: SiteId) -> Option<Known> {
        let owner = self.view.site_owner(site)?;
        let open = self.view.site(owner.partner_id, &owner.name).filter(|open| open.site.id == site)?;
        let claims: DeviceClaims = verify_hs256(self.token, open.secrets.usable(self.now)).ok()?;
        let due = due(claims.validate(self.url, self.now))?;
        let partner = self.view.partner(owner.entity_id, owner.partner_id);
        let works = open.site.status == Status::Active
            && partner.is_some_and(|partner| partner.status == Status::Active)
            && self.is_on(owner.entity_id)?;
        self.known(owner.entity_id, Claims::Device(claims), due && works)
    }

    fn signed(&self, project_id: ProjectId) -> Option<Known> {
        let open = self.view.project(project_id)?;
        let claims: Result<SignedClaims, SignatureError> =
            verify_hs256(self.token, open.secrets.usable(self.now));
        let claims = claims.ok()?;
        let due = due(claims.validate(self.now))?;
        let owner = open.project.entity_id;
        let works = open.project.status == Status::Active && self.is_on(owner)?;
        self.known(owner, Claims::Signed { claims, project_id }, due && works)
    }

    fn known(&self, owner: EntityId, claims: Claims, in_force: bool) -> Option<Known> {
        let owner = self.view.entity(owner)?.clone();
        Some(Known { claims, owner, in_force, revoked: false })
    }
}

/// Whether its time has come; `None` if it is over, or never was.
fn due(judged: Result<(), ClaimsError>) -> Option<bool> {
    match judged {
        Ok(()) => Some(true),
        Err(ClaimsError::NotYetValid) => Some(false),
        Err(ClaimsError::WrongIssuer | ClaimsError::Expired | ClaimsError::WrongTokenKind) => None,
    }
}
