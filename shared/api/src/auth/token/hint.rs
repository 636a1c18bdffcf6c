//! The origin of a token by its unverified content, and the lookups that its verification needs.

use crypto::{Algorithm, TokenType, UnverifiedHeader, dangerous_claims, digest_hex};
use model::{ApiId, ClientId, EntityId, ProjectId, ProviderId, SiteId};
use serde::Deserialize;
use store::{Lookup, View};

use crate::auth::lookups;
use crate::problem::Problem;
use crate::request::form::Form;

/// A token that a caller sent. It is not verified yet.
#[derive(Debug)]
pub struct PresentedToken<'t> {
    pub(crate) token: &'t str,
    /// Its hash. Revocations are found by it: a token has one text, and no other text with the same claims verifies.
    pub(crate) digest: String,
    pub(crate) hint: TokenHint,
}

/// The origin of the token by its unverified content. Use it only to choose what to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenHint {
    /// Window F.
    Anonymous {
        /// The entity of the provider.
        entity: EntityId,
        /// The provider.
        provider: ProviderId,
        /// The own API that the token is for (F18).
        api: Option<ApiId>,
        /// The algorithm in the header. A key verifies with its own algorithm only.
        algorithm: Algorithm,
    },
    /// Window K.
    Access(ClientId),
    /// The OAuth token endpoint.
    Client(ClientId),
    /// The OAuth token endpoint, for an own API, signed with this algorithm (A7).
    Api(ApiId, ClientId, Algorithm),
    /// Window V.
    Device(SiteId),
    /// Window S, of the project with that client id.
    SignedFor(ClientId),
    /// Window S, of that project.
    Signed(ProjectId),
    /// Window S, of an unknown project.
    SignedByUnknown,
    /// Not a token of this deployment.
    Other,
}

/// The claims that show the origin of a token.
#[derive(Deserialize)]
struct Origin {
    entity_id: Option<EntityId>,
    provider_id: Option<ProviderId>,
    client_id: Option<ClientId>,
    api_id: Option<ApiId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeviceOrigin {
    site_id: SiteId,
}

impl<'t> PresentedToken<'t> {
    /// Reads the `token` of a form. For a token that does not name its project, `project_id` may name it.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`](crate::Code::InvalidRequest).
    pub(crate) fn read_form(form: &'t Form) -> Result<Self, Problem> {
        let project = form.value("project_id").map(str::parse).transpose();
        let named = project.map_err(|_| Problem::invalid("project_id", "is not the id of a project"))?;
        Ok(Self::read(form.required("token")?, named))
    }

    /// Reads the hint from `token`. A token that a project's own server signed may not name its project; then the
    /// caller may name it as `project`.
    pub(crate) fn read(token: &'t str, project: Option<ProjectId>) -> Self {
        Self { token, digest: digest_hex(token.as_bytes()), hint: TokenHint::read(token, project) }
    }

    /// Makes it a token of `project` if neither the token nor the request names its project.
    pub(crate) fn with_project(self, project: Option<ProjectId>) -> Self {
        match (&self.hint, project) {
            (TokenHint::SignedByUnknown, Some(project)) => Self { hint: TokenHint::Signed(project), ..self },
            _ => self,
        }
    }

    /// The lookups of the first round trip.
    pub(crate) fn first_lookups(&self) -> Vec<Lookup> {
        let mut lookups = vec![Lookup::Issuer, Lookup::Revocation(self.digest.clone())];
        match &self.hint {
            TokenHint::Anonymous { entity, provider, api, .. } => {
                lookups.extend([Lookup::Entity(*entity), Lookup::Provider(*entity, *provider)]);
                lookups.extend(api.map(Lookup::Api));
            }
            TokenHint::Access(client) | TokenHint::Client(client) => {
                lookups.push(Lookup::ApiKey(client.clone()));
            }
            TokenHint::Api(api, client, _) => {
                lookups.extend([Lookup::Api(*api), Lookup::ApiKey(client.clone())]);
            }
            TokenHint::Device(site) => lookups.push(Lookup::SiteOwner(*site)),
            TokenHint::SignedFor(client) => lookups.push(Lookup::ProjectOfClient(client.clone())),
            TokenHint::Signed(project) => lookups.push(Lookup::Project(*project)),
            TokenHint::SignedByUnknown | TokenHint::Other => {}
        }
        lookups
    }

    /// The lookups of the second round trip, from the records of the first one in `view`.
    pub(crate) fn second_lookups(&self, view: &View<'_>) -> Vec<Lookup> {
        match &self.hint {
            TokenHint::Anonymous { entity, api, .. } => {
                let of_api = api.and_then(|id| view.api(id)).map(|it| lookups::of_api(it));
                let of_provider = view.entity(*entity).map(|it| Lookup::lineage(it.id, &it.ancestors));
                of_provider.map(|it| it.into_iter().chain(of_api.into_iter().flatten()).collect())
            }
            TokenHint::Access(client) | TokenHint::Client(client) => {
                view.credential(client).map(|it| lookups::entities_of_key(&it.key).collect())
            }
            TokenHint::Api(api, client, _) => {
                let owners = view.api(*api).map(|api| Lookup::lineage(api.entity_id, &api.ancestors));
                let key = view.credential(client).map(|it| lookups::of_key(&it.key));
                owners.zip(key).map(|(owners, key)| owners.into_iter().chain(key).collect())
            }
            TokenHint::Device(site) => view.site_owner(*site).map(|it| lookups::of_site_owner(it).collect()),
            TokenHint::SignedFor(client) => {
                let owner = view.project_owner(&Lookup::ProjectOfClient(client.clone()));
                owner.map(|it| lookups::of_project_owner(it).collect())
            }
            TokenHint::Signed(project) => {
                view.project(*project).map(|it| lookups::of_project(&it.project).collect())
            }
            TokenHint::SignedByUnknown | TokenHint::Other => None,
        }
        .unwrap_or_default()
    }
}

impl TokenHint {
    fn read(token: &str, project: Option<ProjectId>) -> Self {
        let Some(header) = UnverifiedHeader::parse(token) else { return Self::Other };
        let typ = header.typ.as_deref().unwrap_or_default();
        if header.alg == "HS256" {
            return Self::of_shared_secret(token, header.kid.as_deref(), project);
        }
        let Some(origin) = dangerous_claims::<Origin>(token) else { return Self::Other };
        let Some(algorithm) = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == header.alg)
        else {
            return Self::Other;
        };
        match (algorithm, typ == TokenType::AccessToken.name(), origin) {
            (_, true, Origin { api_id: Some(api), client_id: Some(client), .. }) => {
                Self::Api(api, client, algorithm)
            }
            (_, false, Origin { entity_id: Some(entity), provider_id: Some(provider), api_id: api, .. }) => {
                Self::Anonymous { entity, provider, api, algorithm }
            }
            (Algorithm::RS256, false, Origin { client_id: Some(client), .. }) => Self::Access(client),
            (Algorithm::RS256, true, Origin { client_id: Some(client), .. }) => Self::Client(client),
            _ => Self::Other,
        }
    }

    /// The project that the caller names comes first, then the key id, then the site. Tokens of sites have no key id.
    fn of_shared_secret(token: &str, kid: Option<&str>, project: Option<ProjectId>) -> Self {
        if let Some(project) = project {
            return Self::Signed(project);
        }
        if let Some(client) = kid.and_then(|kid| kid.parse().ok()) {
            return Self::SignedFor(client);
        }
        let site = dangerous_claims::<DeviceOrigin>(token).map(|origin| origin.site_id);
        site.map_or(Self::SignedByUnknown, Self::Device)
    }
}
