//! Own APIs, their scopes and their routes (A7).

use model::{
    Accepts, AllowedOrigins, Api, ApiId, ApiIdentifier, ApiScopes, ApiTokenDuration, AuditAction,
    ContextClaims, Entity, EntityId, Level, Moment, Name, Patch, Resource, Routes, Scope, ScopeNames, Status,
    Target, Timestamp, TokenAlgorithm,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Page, PageLimit};

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Error, Idempotency, Listing, Outcome, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Api, Level::Read);
pub(crate) const WRITE: Scope = Scope(Resource::Api, Level::Write);
const DELETE: Scope = Scope(Resource::Api, Level::WriteDelete);

/// APIs of an entity.
#[derive(Debug)]
pub struct Apis;

/// The fields of a new API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Api`")]
pub struct ApiCreation {
    pub identifier: ApiIdentifier,
    pub name: Name,
    #[serde(default)]
    pub scopes: ApiScopes,
    #[serde(default)]
    pub token_duration: ApiTokenDuration,
    #[serde(default)]
    pub algorithm: Patch<TokenAlgorithm>,
    #[serde(default)]
    pub routes: Routes,
    #[serde(default)]
    pub default_scopes: Option<ScopeNames>,
    #[serde(default)]
    pub accepts: Accepts,
    #[serde(default)]
    pub context_claims: ContextClaims,
    #[serde(default)]
    pub allowed_origins: AllowedOrigins,
}

/// The fields of an API that can be changed. Its identifier cannot.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Api`")]
pub struct ApiUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub scopes: Patch<ApiScopes>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub token_duration: Patch<ApiTokenDuration>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub algorithm: Patch<TokenAlgorithm>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub routes: Patch<Routes>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub default_scopes: Patch<Option<ScopeNames>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub accepts: Patch<Accepts>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub context_claims: Patch<ContextClaims>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allowed_origins: Patch<AllowedOrigins>,
}

/// An API.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::Api`")]
pub struct ApiView {
    pub id: ApiId,
    pub entity_id: EntityId,
    pub identifier: ApiIdentifier,
    pub name: Name,
    pub status: Status,
    pub scopes: ApiScopes,
    pub token_duration: ApiTokenDuration,
    pub algorithm: TokenAlgorithm,
    pub routes: Routes,
    pub default_scopes: Option<ScopeNames>,
    pub accepts: Accepts,
    pub context_claims: ContextClaims,
    pub allowed_origins: AllowedOrigins,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Collection for Apis {
    const NAME: &'static str = "apis";

    type Parent = EntityId;
    type Id = ApiId;
    type Creation = ApiCreation;
    type Update = ApiUpdate;
    type View = ApiView;
    type Details = ApiView;
    type Created = ApiView;

    /// A page has at most 50 APIs: 100 of the largest ones are more than Lambda answers (6 MB).
    async fn list(session: &Session<'_>, entity: EntityId, listing: &Listing) -> Result<Page<ApiView>> {
        let owner = session.entity(entity, READ).await?;
        let limit = listing.limit.at_most(PageLimit::default());
        let page = session.registry.apis(owner.id, listing.cursor.as_ref(), limit).await?;
        Ok(page.map(|api| view(&api)))
    }

    async fn create(
        session: &Session<'_>,
        entity: EntityId,
        input: ApiCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<ApiView>> {
        let owner = session.entity(entity, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let new = input.build(&owner, session.now);
        check(session, &new)?;
        if session.issuer.urls().any(|url| new.identifier.is_at_or_below(url)) {
            return Err(Error::IdentifierTaken);
        }
        let created = view(&new);
        let target = Target::Api(new.id);
        let mut change = session.change(AuditAction::Create, target, &owner, json!(created));
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_api(&new, &change).await).await
    }

    async fn show(session: &Session<'_>, entity: EntityId, id: ApiId) -> Result<Versioned<ApiView>> {
        let (_, api) = find(session, entity, id, READ).await?;
        Ok(Versioned { item: view(&api), version: api.version })
    }

    async fn update(
        session: &Session<'_>,
        entity: EntityId,
        id: ApiId,
        input: ApiUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<ApiView>> {
        let (owner, old) = find(session, entity, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        check(session, &new)?;
        let change = session.change(AuditAction::Update, Target::Api(id), &owner, changes);
        let write = session.registry.replace_api(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        entity: EntityId,
        id: ApiId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, entity, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::Api(id), &owner, json!({}));
        map_write_error(session.registry.delete_api(&old, &change, session.now).await, expected_version)
    }
}

async fn find(session: &Session<'_>, entity: EntityId, id: ApiId, scope: Scope) -> Result<(Entity, Api)> {
    let (owner, api) = session.entity_with(entity, scope, session.registry.api(id)).await?;
    if api.entity_id == owner.id { Ok((owner, api)) } else { Err(Error::not_found()) }
}

/// Checks the rules that concern several fields, and that a key signs with the algorithm.
fn check(session: &Session<'_>, api: &Api) -> Result<()> {
    if let Some(name) = api.undefined_scope() {
        let rule = format!("must contain {:?}, which routes or default_scopes need", name.as_str());
        return Err(Error::invalid("scopes", rule));
    }
    if !session.issuer.can_sign(api.algorithm, session.now) {
        let reason = "no key for this algorithm signs yet, see the documentation of own APIs";
        return Err(Error::Conflict { field: Some("algorithm"), reason });
    }
    Ok(())
}

impl ApiCreation {
    fn build(self, owner: &Entity, now: Timestamp) -> Api {
        let default = Api::new(owner, self.identifier, self.name, now);
        Api {
            scopes: self.scopes,
            token_duration: self.token_duration,
            algorithm: self.algorithm.or(&default.algorithm),
            routes: self.routes,
            default_scopes: self.default_scopes,
            accepts: self.accepts,
            context_claims: self.context_claims,
            allowed_origins: self.allowed_origins,
            ..default
        }
    }
}

impl ApiUpdate {
    fn apply(self, old: &Api, now: Timestamp) -> Api {
        Api {
            name: self.name.or(&old.name),
            status: self.status.or(&old.status),
            scopes: self.scopes.or(&old.scopes),
            token_duration: self.token_duration.or(&old.token_duration),
            algorithm: self.algorithm.or(&old.algorithm),
            routes: self.routes.or(&old.routes),
            default_scopes: self.default_scopes.or(&old.default_scopes),
            accepts: self.accepts.or(&old.accepts),
            context_claims: self.context_claims.or(&old.context_claims),
            allowed_origins: self.allowed_origins.or(&old.allowed_origins),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn view(api: &Api) -> ApiView {
    ApiView {
        id: api.id,
        entity_id: api.entity_id,
        identifier: api.identifier.clone(),
        name: api.name.clone(),
        status: api.status,
        scopes: api.scopes.clone(),
        token_duration: api.token_duration,
        algorithm: api.algorithm,
        routes: api.routes.clone(),
        default_scopes: api.default_scopes.clone(),
        accepts: api.accepts.clone(),
        context_claims: api.context_claims.clone(),
        allowed_origins: api.allowed_origins.clone(),
        created_at: api.created_at.into(),
        updated_at: api.updated_at.into(),
    }
}
