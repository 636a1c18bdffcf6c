//! `POST /v1/{accounts|organizations|customers}/{id}/secure-anonymous/{provider}/tokens`: a signed request becomes a
//! JWT for a new anonymous user, as a configured provider describes (F9–F16).

use api::http::Method;
use api::{BootError, Clock, Code, Credentials, Demand, Endpoint, Limiter, Problem, Reply, Request, Start};
use crypto::{Algorithm, TokenType};
use model::{
    AnonymousClaims, Caller, EntityId, EntityKind, Level, Profile, Provider, ProviderId, RateLimit, Resource,
    Scope, Status,
};
use store::{Directory, Lookup, View};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// How often a key may ask, and how often a provider may be asked, unless they are told otherwise.
const LIMIT: RateLimit = RateLimit::per_minute(600);

/// What a caller must hold on the entity.
const GENERATE: Scope = Scope(Resource::SecureAnonymousToken, Level::Write);

/// The provider named by the path, which may not exist.
struct Target {
    entity: EntityId,
    provider: ProviderId,
}

impl Endpoint for App {
    const NAME: &'static str = "secure-anonymous-token";
    const CHALLENGE: &'static str = "X-Frame-Signature realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.issuing_directory().await?;
        Ok(Self { directory, limiter: start.limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let now = self.clock.now();
        let target = Target::read(request);
        let credentials = Credentials::signed(request, now).map_err(|denied| denied.into_problem(now))?;
        let mut view = self.directory.view(now);
        let caller = credentials.authenticate(&mut view, lookups(target.as_ref()), now).await;
        let caller = caller.map_err(|denied| denied.into_problem(now))?;
        let provider = target.and_then(|target| target.find(&view)).ok_or_else(Problem::not_found)?;
        may_generate(&caller, &provider, &view)?;
        let profile: Profile = api::form_or_json(request, &["metadata"])?;
        let quotas = self.limiter.take(demands(&caller, &provider), now).await?;

        let claims = AnonymousClaims::new(&view.issuer()?.url, &provider, profile, now);
        let token =
            view.signing_keys()?.sign((Algorithm::EdDSA, TokenType::Jwt), &claims, claims.exp, now)?;
        tracing::info!(client_id = %caller.client_id(), provider_id = %provider.id, jti = claims.jti, "issued");
        quotas.told(api::json_reply(&token))
    }
}

impl Target {
    /// What the path names; `None` if it cannot be anything of ours.
    fn read(request: &Request) -> Option<Self> {
        let entity: EntityId = api::path_parameter(request, "entity_id").ok()?;
        let provider = api::path_parameter(request, "provider_id").ok()?;
        let collection = match entity.kind() {
            EntityKind::Customer => "/customers/",
            EntityKind::Organization => "/organizations/",
            EntityKind::Account => "/accounts/",
        };
        request.uri().path().contains(collection).then_some(Self { entity, provider })
    }

    fn find(&self, view: &View<'_>) -> Option<std::sync::Arc<Provider>> {
        view.provider(self.entity, self.provider).cloned()
    }
}

fn lookups(target: Option<&Target>) -> impl Iterator<Item = Lookup> {
    let always = [Lookup::SigningKeys, Lookup::Issuer];
    let named = target.map(|it| [Lookup::Entity(it.entity), Lookup::Provider(it.entity, it.provider)]);
    always.into_iter().chain(named.into_iter().flatten())
}

/// First the caller's, then the provider's, which other callers need as well.
fn demands(caller: &Caller, provider: &Provider) -> [Demand; 2] {
    [
        Demand::new(App::NAME, ("key", caller.client_id()), caller.rate_limit(), LIMIT),
        Demand::new(App::NAME, ("provider", provider.id), provider.rate_limit, LIMIT),
    ]
}

/// Whether the caller may have a token of `provider` (F1, F2, F5, F16): first its rights, then what is switched off.
fn may_generate(caller: &Caller, provider: &Provider, view: &View<'_>) -> Result<(), Problem> {
    let entity = view.entity(provider.entity_id).ok_or_else(Problem::not_found)?;
    caller.may(GENERATE, entity)?;
    let lineage = view.lineage(provider.entity_id).ok_or_else(Problem::not_found)?;
    let works = caller.is_active()
        && caller.is_api_enabled()
        && lineage.is_active()
        && lineage.is_secure_anonymous_enabled()
        && provider.status == Status::Active;
    let detail = "the provider, its entity, one above it, the key's entity, or a switch of theirs is off";
    if works { Ok(()) } else { Err(Problem::new(Code::EntityDisabled, detail)) }
}
