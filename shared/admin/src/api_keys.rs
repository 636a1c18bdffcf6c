//! The keys of an integration, their secrets shown once (F4, F6, K1).

use crypto::Secret;
use futures_util::future::join;
use model::{
    ApiKey, AuditAction, ClientId, Entity, EntityId, Integration, IntegrationId, KeyFile, Level, Moment,
    Name, Patch, RateLimit, Resource, Scope, Status, Target, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ApiKeyRotation, Page};

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{
    Collection, Error, Idempotency, IntegrationPath, Listing, Outcome, Result, Rotation, Session, Versioned,
};

const READ: Scope = Scope(Resource::ApiKey, Level::Read);
const WRITE: Scope = Scope(Resource::ApiKey, Level::Write);
const DELETE: Scope = Scope(Resource::ApiKey, Level::WriteDelete);

/// API keys of an integration. A caller that creates, changes, rotates or deletes a key must hold all grants of the
/// integration, because the key has all of them.
#[derive(Debug)]
pub struct ApiKeys;

/// The fields of a new key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::ApiKey`")]
pub struct ApiKeyCreation {
    pub name: Name,
    #[serde(default)]
    pub valid_until: Patch<Moment>,
    #[serde(default)]
    pub rate_limit: Patch<RateLimit>,
}

/// The fields of a key that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::ApiKey`")]
pub struct ApiKeyUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub status: Patch<Status>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub valid_until: Patch<Option<Moment>>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub rate_limit: Patch<Option<RateLimit>>,
}

/// A key without its secret.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::ApiKey`")]
pub struct ApiKeyView {
    pub client_id: ClientId,
    pub integration_id: IntegrationId,
    pub entity_id: EntityId,
    pub name: Name,
    pub status: Status,
    pub rate_limit: Option<RateLimit>,
    pub valid_until: Option<Moment>,
    pub superseded_by: Option<ClientId>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A key with its secret, shown once (F4).
#[derive(Serialize)]
pub struct NewApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKeyView,
    /// Its client secret.
    pub client_secret: String,
    /// The file it can be downloaded as (K1).
    pub key_file: KeyFile,
}

impl std::fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Collection for ApiKeys {
    const NAME: &'static str = "api-keys";
    const ROTATES: bool = true;
    const HAS_KEY_FILE: bool = true;

    type Parent = IntegrationPath;
    type Id = ClientId;
    type Creation = ApiKeyCreation;
    type Update = ApiKeyUpdate;
    type View = ApiKeyView;
    type Details = ApiKeyView;
    type Created = NewApiKey;

    async fn list(
        session: &Session<'_>,
        path: IntegrationPath,
        listing: &Listing,
    ) -> Result<Page<ApiKeyView>> {
        let (owner, integration) = find_integration(session, path, READ).await?;
        let (cursor, limit) = (listing.cursor.as_ref(), listing.limit);
        let page = session.registry.api_keys(owner.id, integration.id, cursor, limit).await?;
        Ok(page.map(|key| view(&key)))
    }

    async fn create(
        session: &Session<'_>,
        path: IntegrationPath,
        input: ApiKeyCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewApiKey>> {
        let (owner, integration) = find_integration(session, path, WRITE).await?;
        session.holds_grants_of(&integration, &owner).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        let ApiKeyCreation { name, valid_until, rate_limit } = input;
        let (default, secret) = session.registry.new_api_key(&integration, &owner, name, session.now)?;
        let end = valid_until.value().map(Timestamp::from);
        let new = ApiKey { valid_until: end, rate_limit: rate_limit.value(), ..default };
        let target = Target::ApiKey(new.client_id.clone());
        let mut change = session.change(AuditAction::Create, target, &owner, json!(view(&new)));
        let created = NewApiKey::new(&new, &secret);
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_api_key(&new, &integration, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        path: IntegrationPath,
        id: ClientId,
    ) -> Result<Versioned<ApiKeyView>> {
        let key = session.registry.api_key(&id);
        let (_, key) = session.entity_with(path.entity_id, READ, key).await?;
        let key = in_integration(key, path)?;
        Ok(Versioned { item: view(&key), version: key.version })
    }

    async fn update(
        session: &Session<'_>,
        path: IntegrationPath,
        id: ClientId,
        input: ApiKeyUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<ApiKeyView>> {
        let (owner, _, old) = find_and_check_grants(session, path, &id, WRITE).await?;
        check_version(old.version, expected_version)?;
        let changes = json!(input);
        let new = input.apply(&old, session.now)?;
        let change = session.change(AuditAction::Update, Target::ApiKey(id), &owner, changes);
        let write = session.registry.replace_api_key(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        path: IntegrationPath,
        id: ClientId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, _, old) = find_and_check_grants(session, path, &id, DELETE).await?;
        check_version(old.version, expected_version)?;
        let change = session.change(AuditAction::Delete, Target::ApiKey(id), &owner, json!({}));
        map_write_error(session.registry.delete_api_key(&old, &change).await, expected_version)
    }

    /// The successor gets the name, the rate limit and the `valid_until` of the key. The key itself stays valid until the
    /// end in `input` (F4).
    async fn rotate(
        session: &Session<'_>,
        path: IntegrationPath,
        id: ClientId,
        input: Rotation,
        expected_version: Option<u64>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<NewApiKey>> {
        let (owner, integration, old) = find_and_check_grants(session, path, &id, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        check_version(old.version, expected_version)?;
        let (registry, now) = (session.registry, session.now);
        let (fresh, secret) = registry.new_api_key(&integration, &owner, old.name.clone(), now)?;
        let new = old.successor(fresh.client_id, fresh.secret, now);
        let ending = superseded(&old, &new, input.end(), now)?;
        let changes =
            json!({ "client_id": new.client_id, "valid_until": ending.valid_until.map(Moment::from) });
        let mut change = session.change(AuditAction::Rotate, Target::ApiKey(id), &owner, changes);
        let created = NewApiKey::new(&new, &secret);
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        let rotation =
            ApiKeyRotation { old: &old, superseded: &ending, successor: &new, integration: &integration };
        answer.finish(registry.rotate_api_key(&rotation, &change).await).await
    }
}

async fn find_integration(
    session: &Session<'_>,
    path: IntegrationPath,
    scope: Scope,
) -> Result<(Entity, Integration)> {
    let integration = session.registry.integration(path.entity_id, path.integration_id);
    session.entity_with(path.entity_id, scope, integration).await
}

/// The key with its integration, all of whose grants the caller holds.
async fn find_and_check_grants(
    session: &Session<'_>,
    path: IntegrationPath,
    id: &ClientId,
    scope: Scope,
) -> Result<(Entity, Integration, ApiKey)> {
    let integration = find_integration(session, path, scope);
    let (found, key) = join(integration, session.registry.api_key(id)).await;
    let (owner, integration) = found?;
    session.holds_grants_of(&integration, &owner).await?;
    let key = key?.ok_or(Error::not_found())?;
    Ok((owner, integration, in_integration(key, path)?))
}

fn in_integration(key: ApiKey, path: IntegrationPath) -> Result<ApiKey> {
    let belongs = key.entity_id == path.entity_id && key.integration_id == path.integration_id;
    if belongs { Ok(key) } else { Err(Error::not_found()) }
}

/// The old key after a rotation, with its end and its successor.
fn superseded(old: &ApiKey, successor: &ApiKey, end: Option<Timestamp>, now: Timestamp) -> Result<ApiKey> {
    if old.superseded_by.is_some() {
        return Err(Error::conflict("this key has been rotated already, rotate its successor"));
    }
    if !old.is_usable(now) {
        return Err(Error::conflict("this key no longer works, create a new one"));
    }
    let end = model::overlap_end(end, now)?;
    Ok(ApiKey {
        valid_until: Some(old.valid_until.map_or(end, |own| own.min(end))),
        superseded_by: Some(successor.client_id.clone()),
        version: old.version + 1,
        updated_at: now,
        ..old.clone()
    })
}

impl ApiKeyUpdate {
    /// A rotated key cannot get another name, because its successor has the name. Its end can only be made earlier.
    fn apply(self, old: &ApiKey, now: Timestamp) -> Result<ApiKey> {
        let Self { name, status, valid_until, rate_limit } = self;
        let end = valid_until.map(|end| end.map(Timestamp::from));
        let is_later =
            |end: Option<Timestamp>| end.is_none_or(|end| old.valid_until.is_some_and(|old| end > old));
        if old.superseded_by.is_some() && (!name.is_keep() || end.value().is_some_and(is_later)) {
            return Err(Error::conflict("a rotated key keeps its name and cannot be made to last longer"));
        }
        Ok(ApiKey {
            name: name.or(&old.name),
            status: status.or(&old.status),
            rate_limit: rate_limit.or(&old.rate_limit),
            valid_until: end.or(&old.valid_until),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        })
    }
}

impl NewApiKey {
    fn new(key: &ApiKey, secret: &Secret) -> Self {
        let key_file = KeyFile::new(key.client_id.clone(), secret);
        Self { key: view(key), client_secret: secret.reveal().to_owned(), key_file }
    }
}

fn view(key: &ApiKey) -> ApiKeyView {
    ApiKeyView {
        client_id: key.client_id.clone(),
        integration_id: key.integration_id,
        entity_id: key.entity_id,
        name: key.name.clone(),
        status: key.status,
        rate_limit: key.rate_limit,
        valid_until: key.valid_until.map(Moment::from),
        superseded_by: key.superseded_by.clone(),
        created_at: key.created_at.into(),
        updated_at: key.updated_at.into(),
    }
}
