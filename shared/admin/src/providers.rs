//! Secure anonymous token providers (F7).

use model::{
    AllowedOrigins, ApiId, AuditAction, Description, Entity, EntityId, Grants, Level, MaxSession, Moment,
    Patch, Provider, ProviderId, RateLimit, Resource, Scope, ScopeNames, Status, Target, Timestamp,
    TokenAlgorithm, TokenDuration,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Error, Idempotency, Listing, Outcome, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Provider, Level::Read);
const WRITE: Scope = Scope(Resource::Provider, Level::Write);
const DELETE: Scope = Scope(Resource::Provider, Level::WriteDelete);

/// Secure anonymous token providers of an entity.
#[derive(Debug)]
pub struct Providers;

/// The fields of a new provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Provider`")]
pub struct ProviderCreation {
    pub description: Description,
    pub token_duration: TokenDuration,
    pub grants: Grants,
    #[serde(default)]
    pub allow_privileged: bool,
    #[serde(default)]
    pub api_id: Patch<ApiId>,
    #[serde(default)]
    pub scopes: ScopeNames,
    #[serde(default)]
    pub algorithm: Patch<TokenAlgorithm>,
    #[serde(default)]
    pub renewable: bool,
    #[serde(default)]
    pub max_session: MaxSession,
    #[serde(default)]
    pub allow_subject: bool,
    #[serde(default)]
    pub rate_limit: Patch<RateLimit>,
    #[serde(default)]
    pub allowed_origins: AllowedOrigins,
}

/// The fields of a provider that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Provider`")]
pub struct ProviderUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub description: Patch<Description>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub token_duration: Patch<TokenDuration>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub grants: Patch<Grants>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allow_privileged: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub api_id: Patch<Option<ApiId>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub scopes: Patch<ScopeNames>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub algorithm: Patch<TokenAlgorithm>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub renewable: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub max_session: Patch<MaxSession>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allow_subject: Patch<bool>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub rate_limit: Patch<Option<RateLimit>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub allowed_origins: Patch<AllowedOrigins>,
}

/// A provider. `privileged`: whether it has grants of other roles than `launchpad_user`; `token_url`: where its tokens are issued.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each other field is the one of `model::Provider`")]
pub struct ProviderView {
    pub id: ProviderId,
    pub entity_id: EntityId,
    pub description: Description,
    pub token_duration: TokenDuration,
    pub grants: Grants,
    pub allow_privileged: bool,
    pub privileged: bool,
    pub api_id: Option<ApiId>,
    pub scopes: ScopeNames,
    pub algorithm: TokenAlgorithm,
    pub renewable: bool,
    pub max_session: MaxSession,
    pub allow_subject: bool,
    pub status: Status,
    pub rate_limit: Option<RateLimit>,
    pub allowed_origins: AllowedOrigins,
    pub token_url: String,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Collection for Providers {
    const NAME: &'static str = "providers";

    type Parent = EntityId;
    type Id = ProviderId;
    type Creation = ProviderCreation;
    type Update = ProviderUpdate;
    type View = ProviderView;
    type Details = ProviderView;
    type Created = ProviderView;

    async fn list(session: &Session<'_>, entity: EntityId, listing: &Listing) -> Result<Page<ProviderView>> {
        let owner = session.entity(entity, READ).await?;
        let page = session.registry.providers(owner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|provider| view(&provider, session)))
    }

    async fn create(
        session: &Session<'_>,
        entity: EntityId,
        input: ProviderCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<ProviderView>> {
        let owner = session.entity(entity, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        session.may_grant(&input.grants, &owner).await?;
        require_explicit_privilege(&input.grants, input.allow_privileged)?;
        let new = input.build(&owner, session.now);
        session.may_issue_for_api(&new, &owner).await?;
        require_signing_key(&new, session)?;
        let created = view(&new, session);
        let target = Target::Provider(new.id);
        let mut change = session.change(AuditAction::Create, target, &owner, json!(created));
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_provider(&new, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        entity: EntityId,
        id: ProviderId,
    ) -> Result<Versioned<ProviderView>> {
        let (_, provider) = find(session, entity, id, READ).await?;
        Ok(Versioned { item: view(&provider, session), version: provider.version })
    }

    /// The caller must hold the grants of the provider before and after the change, because its tokens have them.
    async fn update(
        session: &Session<'_>,
        entity: EntityId,
        id: ProviderId,
        input: ProviderUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<ProviderView>> {
        let (owner, old) = find(session, entity, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        session.may_grant(&old.grants, &owner).await?;
        session.holds_api_of(&old).await?;
        if let Patch::Set(grants) = &input.grants {
            require_explicit_privilege(grants, input.allow_privileged == Patch::Set(true))?;
        }
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        refuse_unallowed_grants(&new)?;
        session.may_grant(&new.grants, &owner).await?;
        if (new.api_id, &new.scopes) != (old.api_id, &old.scopes) {
            session.may_issue_for_api(&new, &owner).await?;
        }
        require_signing_key(&new, session)?;
        let change = session.change(AuditAction::Update, Target::Provider(id), &owner, changes);
        let write = session.registry.replace_provider(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored, session), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        entity: EntityId,
        id: ProviderId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, entity, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        session.may_grant(&old.grants, &owner).await?;
        session.holds_api_of(&old).await?;
        let change = session.change(AuditAction::Delete, Target::Provider(id), &owner, json!({}));
        map_write_error(session.registry.delete_provider(&old, &change).await, expected_version)
    }
}

async fn find(
    session: &Session<'_>,
    entity: EntityId,
    id: ProviderId,
    scope: Scope,
) -> Result<(Entity, Provider)> {
    session.entity_with(entity, scope, session.registry.provider(entity, id)).await
}

/// Refuses grants of other roles than `launchpad_user` in an input that does not allow them explicitly (F7).
fn require_explicit_privilege(grants: &Grants, allowed: bool) -> Result<()> {
    if allowed || !grants.are_privileged() {
        return Ok(());
    }
    Err(Error::invalid(
        "allow_privileged",
        "grants of other roles than launchpad_user need allow_privileged: true",
    ))
}

/// Refuses to clear `allow_privileged` on a provider that has grants of other roles than `launchpad_user`.
fn refuse_unallowed_grants(provider: &Provider) -> Result<()> {
    if provider.has_allowed_grants() {
        return Ok(());
    }
    let reason = "it has grants of other roles than launchpad_user, change those first";
    Err(Error::Conflict { field: Some("allow_privileged"), reason })
}

/// Refuses an algorithm that no key signs with yet.
fn require_signing_key(provider: &Provider, session: &Session<'_>) -> Result<()> {
    if session.issuer.can_sign(provider.algorithm, session.now) {
        return Ok(());
    }
    let reason = "no key for this algorithm signs yet, see the documentation of own APIs";
    Err(Error::Conflict { field: Some("algorithm"), reason })
}

impl ProviderCreation {
    fn build(self, owner: &Entity, now: Timestamp) -> Provider {
        let default = Provider::new(owner, self.description, self.token_duration, self.grants, now);
        Provider {
            allow_privileged: self.allow_privileged,
            api_id: self.api_id.value(),
            scopes: self.scopes,
            algorithm: self.algorithm.or(&default.algorithm),
            renewable: self.renewable,
            max_session: self.max_session,
            allow_subject: self.allow_subject,
            rate_limit: self.rate_limit.value(),
            allowed_origins: self.allowed_origins,
            ..default
        }
    }
}

impl ProviderUpdate {
    fn apply(self, old: &Provider, now: Timestamp) -> Provider {
        Provider {
            description: self.description.or(&old.description),
            token_duration: self.token_duration.or(&old.token_duration),
            grants: self.grants.or(&old.grants),
            allow_privileged: self.allow_privileged.or(&old.allow_privileged),
            api_id: self.api_id.or(&old.api_id),
            scopes: self.scopes.or(&old.scopes),
            algorithm: self.algorithm.or(&old.algorithm),
            renewable: self.renewable.or(&old.renewable),
            max_session: self.max_session.or(&old.max_session),
            allow_subject: self.allow_subject.or(&old.allow_subject),
            status: self.status.or(&old.status),
            rate_limit: self.rate_limit.or(&old.rate_limit),
            allowed_origins: self.allowed_origins.or(&old.allowed_origins),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn view(provider: &Provider, session: &Session<'_>) -> ProviderView {
    ProviderView {
        id: provider.id,
        entity_id: provider.entity_id,
        description: provider.description.clone(),
        token_duration: provider.token_duration,
        grants: provider.grants.clone(),
        allow_privileged: provider.allow_privileged,
        privileged: provider.grants.are_privileged(),
        api_id: provider.api_id,
        scopes: provider.scopes.clone(),
        algorithm: provider.algorithm,
        renewable: provider.renewable,
        max_session: provider.max_session,
        allow_subject: provider.allow_subject,
        status: provider.status,
        rate_limit: provider.rate_limit,
        allowed_origins: provider.allowed_origins.clone(),
        token_url: format!("{}{}", session.issuer.url, provider.token_path()),
        created_at: provider.created_at.into(),
        updated_at: provider.updated_at.into(),
    }
}
