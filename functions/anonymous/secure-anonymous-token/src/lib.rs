//! `POST /v1/{accounts|organizations|customers}/{id}/secure-anonymous/{provider}/tokens`: issues a JWT for a new
//! anonymous user, as the provider describes, or for the user of a token that is renewed. The request is signed (F9–F16, F18).

use std::sync::Arc;

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, Clock, Credentials, Denied, Endpoint, FormFields, Limiter, Party,
    Problem, Reply, Request, Start,
};
use crypto::TokenType;
use model::{
    AnonymousClaims, Api, Caller, EntityId, EntityKind, Level, Profile, Provider, ProviderId, RateLimit,
    Resource, Scope, Timestamp, TokenSource,
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
    optional: &["first_name", "last_name", "email", "email_domain", "metadata", "subject", "renew"],
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
        let api = |view: &View<'_>| path.as_ref().and_then(|path| path.api(view)).into_iter().collect();
        let caller = credentials.authenticate_with(&mut view, lookups(path.as_ref()), api).await?;
        let provider = path.and_then(|path| path.find(&view)).ok_or_else(Problem::not_found)?;
        may_generate(&caller, &provider, &view)?;
        let api = active_api(&provider, &mut view).await?;
        let profile: Profile = api::form_or_json(request, FORM)?;
        require_allowed(&profile, &provider)?;
        let quotas = self.limiter.take(bucket_requests(&caller, &provider)).await?;

        let renewed = renewed_claims(&profile, &mut view, now).await?;
        let owner = view.entity(provider.entity_id).ok_or_else(Problem::not_found)?;
        let source = TokenSource {
            issuer: &view.issuer()?.url,
            provider: &provider,
            owner,
            api: api.as_deref(),
            integration_id: caller.integration().id,
        };
        let claims = match renewed {
            None => AnonymousClaims::new(&source, profile, now),
            Some(earlier) => earlier.renewed(&source, now).ok_or_else(not_renewable)?,
        };
        let header = (provider.algorithm, TokenType::Jwt);
        let token = view.signing_keys()?.sign(header, &claims, claims.exp, now)?;
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

    fn find(&self, view: &View<'_>) -> Option<Arc<Provider>> {
        view.provider(self.entity, self.provider).cloned()
    }

    /// The lookup of the provider's API.
    fn api(&self, view: &View<'_>) -> Option<Lookup> {
        view.provider(self.entity, self.provider)?.api_id.map(Lookup::Api)
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

/// The API that the provider's tokens are for, if it has one. It must be on.
async fn active_api(provider: &Provider, view: &mut View<'_>) -> Result<Option<Arc<Api>>, Problem> {
    let Some(id) = provider.api_id else { return Ok(None) };
    let api = view.api(id).cloned().ok_or(Denied::SwitchedOff(Party::Api))?;
    view.fetch(Lookup::lineage(api.entity_id, &api.ancestors)).await?;
    let is_on = view.lineage(api.entity_id).is_some_and(|entity| api::is_api_on(&api, &entity));
    Party::Api.require_switched_on(is_on)?;
    Ok(Some(api))
}

/// Checks that the provider allows the fields of the request (F18).
fn require_allowed(profile: &Profile, provider: &Provider) -> Result<(), Problem> {
    if profile.renew.is_some() && profile.describes_a_user() {
        return Err(Problem::invalid("renew", "must be the only field: the user keeps what the token says"));
    }
    if profile.renew.is_some() && !provider.renewable {
        return Err(Problem::invalid("renew", "the provider does not renew tokens"));
    }
    if profile.subject.is_some() && !provider.allow_subject {
        return Err(Problem::invalid("subject", "the provider does not let callers name users"));
    }
    Ok(())
}

/// The claims of the token in the request that is to be renewed, if it is valid.
async fn renewed_claims(
    profile: &Profile,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<Option<AnonymousClaims>, Problem> {
    let Some(token) = &profile.renew else { return Ok(None) };
    match api::verify_anonymous_text(token.reveal(), view, now).await {
        Ok(claims) => Ok(Some(claims)),
        Err(denied @ Denied::Store(_)) => Err(denied.into()),
        Err(denied) => Err(not_renewable().caused_by(denied)),
    }
}

/// The refusal of every token that is not renewed. It is the same for each reason, also for a token of another customer.
fn not_renewable() -> Problem {
    Problem::invalid(
        "renew",
        "is not a valid token of this provider and of your integration, or its session has ended",
    )
}
