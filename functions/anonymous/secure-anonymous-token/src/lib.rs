//! `POST /v1/{accounts|organizations|customers}/{id}/secure-anonymous/{provider}/tokens`: issues a JWT for a new
//! anonymous user, as the provider describes. The request is signed (F9–F16, F18).

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, Clock, Credentials, Endpoint, FormFields, Limiter, Party, Problem,
    Reply, Request, Start,
};
use crypto::{Algorithm, TokenType};
use model::{
    AnonymousClaims, Caller, EntityId, EntityKind, EntityPath, Level, Profile, Provider, ProviderId,
    RateLimit, Resource, Scope,
};
use store::{Directory, Lookup, View};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    limiter: Limiter,
    clock: Clock,
}

/// The rate limit of a key, and of a provider, unless they have their own.
const LIMIT: RateLimit = RateLimit::per_minute(600);

/// The form fields. A blank one counts as absent (F18).
const FORM: FormFields = FormFields {
    json: &["metadata"],
    optional: &["first_name", "last_name", "email", "email_domain", "metadata"],
};

/// The scope that a caller needs on the entity.
const GENERATE: Scope = Scope(Resource::SecureAnonymousToken, Level::Write);

/// The ids in the path. The entity and the provider may not exist.
struct ProviderPath {
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
        api::require_method(request, &Method::POST)?;
        let now = self.clock.now();
        let path = ProviderPath::read(request);
        let credentials = Credentials::signed(request, now)?;
        let mut view = self.directory.view(now);
        let caller = credentials.authenticate(&mut view, lookups(path.as_ref())).await?;
        let provider = path.and_then(|path| path.find(&view)).ok_or_else(Problem::not_found)?;
        may_generate(&caller, &provider, &view)?;
        let profile: Profile = api::form_or_json(request, FORM)?;
        let quotas = self.limiter.take(bucket_requests(&caller, &provider)).await?;

        let owner = view.entity(provider.entity_id).ok_or_else(Problem::not_found)?;
        let from = (&*provider, EntityPath::of_entity(owner));
        let claims = AnonymousClaims::new(&view.issuer()?.url, from, profile, now);
        let token =
            view.signing_keys()?.sign((Algorithm::EdDSA, TokenType::Jwt), &claims, claims.exp, now)?;
        tracing::info!(
            target: api::LOG_TARGET,
            client_id = %caller.client_id(), provider_id = %provider.id, jti = claims.jti, "issued"
        );
        quotas.with_headers(api::json_reply(&token))
    }
}

impl ProviderPath {
    /// Reads the path. Returns `None` if an id is malformed or of another kind than the route.
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

fn lookups(path: Option<&ProviderPath>) -> impl Iterator<Item = Lookup> {
    let always = [Lookup::SigningKeys, Lookup::Issuer];
    let of_path = path.map(|it| [Lookup::Entity(it.entity), Lookup::Provider(it.entity, it.provider)]);
    always.into_iter().chain(of_path.into_iter().flatten())
}

/// First the caller's bucket, then the provider's, which all its callers share.
fn bucket_requests(caller: &Caller, provider: &Provider) -> [BucketRequest; 2] {
    let key_limit = caller.rate_limit().unwrap_or(LIMIT);
    let provider_limit = provider.rate_limit.unwrap_or(LIMIT);
    [
        BucketRequest::new(App::NAME, BucketKind::Key, caller.client_id(), key_limit),
        BucketRequest::new(App::NAME, BucketKind::Provider, provider.id, provider_limit),
    ]
}

/// Checks that the caller may have a token of `provider` (F1, F2, F5, F16): first its rights, then the switches.
fn may_generate(caller: &Caller, provider: &Provider, view: &View<'_>) -> Result<(), Problem> {
    let entity = view.entity(provider.entity_id).ok_or_else(Problem::not_found)?;
    caller.may(GENERATE, entity)?;
    let lineage = view.lineage(provider.entity_id).ok_or_else(Problem::not_found)?;
    let is_on = api::is_caller_on(caller) && api::is_provider_on(provider, &lineage);
    Ok(Party::Provider.require_switched_on(is_on)?)
}
