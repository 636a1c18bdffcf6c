//! API integrations and their grants (F3).

use model::{
    ApiGrants, AuditAction, Entity, EntityId, Grants, Integration, IntegrationId, Level, Moment, Name, Patch,
    Resource, Scope, Target, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

use crate::session::{check_version, map_write_error};
use crate::update::write_update;
use crate::{Collection, Idempotency, Listing, Outcome, Result, Session, Versioned};

const READ: Scope = Scope(Resource::Integration, Level::Read);
const WRITE: Scope = Scope(Resource::Integration, Level::Write);
const DELETE: Scope = Scope(Resource::Integration, Level::WriteDelete);

/// API integrations of an entity.
#[derive(Debug)]
pub struct Integrations;

/// The fields of a new integration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of `model::Integration`")]
pub struct IntegrationCreation {
    pub name: Name,
    pub grants: Grants,
    #[serde(default)]
    pub api_grants: ApiGrants,
}

/// The fields of an integration that can be changed.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "each field is the one of `model::Integration`")]
pub struct IntegrationUpdate {
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub name: Patch<Name>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub grants: Patch<Grants>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub api_grants: Patch<ApiGrants>,
}

/// An integration.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is the one of `model::Integration`")]
pub struct IntegrationView {
    pub id: IntegrationId,
    pub entity_id: EntityId,
    pub name: Name,
    pub grants: Grants,
    pub api_grants: ApiGrants,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Collection for Integrations {
    const NAME: &'static str = "integrations";

    type Parent = EntityId;
    type Id = IntegrationId;
    type Creation = IntegrationCreation;
    type Update = IntegrationUpdate;
    type View = IntegrationView;
    type Details = IntegrationView;
    type Created = IntegrationView;

    async fn list(
        session: &Session<'_>,
        entity: EntityId,
        listing: &Listing,
    ) -> Result<Page<IntegrationView>> {
        let owner = session.entity(entity, READ).await?;
        let page = session.registry.integrations(owner.id, listing.cursor.as_ref(), listing.limit).await?;
        Ok(page.map(|integration| view(&integration)))
    }

    async fn create(
        session: &Session<'_>,
        entity: EntityId,
        input: IntegrationCreation,
        idempotency: Option<&Idempotency>,
    ) -> Result<Outcome<IntegrationView>> {
        let owner = session.entity(entity, WRITE).await?;
        if let Some(replayed) = session.replayed_answer(idempotency).await? {
            return Ok(replayed);
        }
        session.may_grant(&input.grants, &owner).await?;
        session.may_grant_apis(&input.api_grants, &owner).await?;
        let new = Integration::new(&owner, input.name, input.grants, session.now);
        let new = Integration { api_grants: input.api_grants, ..new };
        let created = view(&new);
        let target = Target::Integration(new.id);
        let mut change = session.change(AuditAction::Create, target, &owner, json!(created));
        let answer = session.first_answer(created, new.version, idempotency, &mut change)?;
        answer.finish(session.registry.create_integration(&new, &change).await).await
    }

    async fn show(
        session: &Session<'_>,
        entity: EntityId,
        id: IntegrationId,
    ) -> Result<Versioned<IntegrationView>> {
        let (_, integration) = find(session, entity, id, READ).await?;
        Ok(Versioned { item: view(&integration), version: integration.version })
    }

    /// The caller must hold the grants of the integration before and after the change. Otherwise it could use keys with
    /// grants that it may not give.
    async fn update(
        session: &Session<'_>,
        entity: EntityId,
        id: IntegrationId,
        input: IntegrationUpdate,
        expected_version: Option<u64>,
    ) -> Result<Versioned<IntegrationView>> {
        let (owner, old) = find(session, entity, id, WRITE).await?;
        check_version(old.version, expected_version)?;
        session.holds_grants_of(&old, &owner).await?;
        if let Patch::Set(grants) = &input.grants {
            session.may_grant(grants, &owner).await?;
        }
        if let Patch::Set(grants) = &input.api_grants {
            session.may_grant_apis(grants, &owner).await?;
        }
        let changes = json!(input);
        let new = input.apply(&old, session.now);
        let change = session.change(AuditAction::Update, Target::Integration(id), &owner, changes);
        let write = session.registry.replace_integration(&old, &new, &change);
        let stored = write_update((&old, &new), write, expected_version).await?;
        Ok(Versioned { item: view(stored), version: stored.version })
    }

    async fn delete(
        session: &Session<'_>,
        entity: EntityId,
        id: IntegrationId,
        expected_version: Option<u64>,
    ) -> Result<()> {
        let (owner, old) = find(session, entity, id, DELETE).await?;
        check_version(old.version, expected_version)?;
        session.holds_grants_of(&old, &owner).await?;
        let change = session.change(AuditAction::Delete, Target::Integration(id), &owner, json!({}));
        map_write_error(session.registry.delete_integration(&old, &change).await, expected_version)
    }
}

async fn find(
    session: &Session<'_>,
    entity: EntityId,
    id: IntegrationId,
    scope: Scope,
) -> Result<(Entity, Integration)> {
    session.entity_with(entity, scope, session.registry.integration(entity, id)).await
}

impl IntegrationUpdate {
    fn apply(self, old: &Integration, now: Timestamp) -> Integration {
        let Self { name, grants, api_grants } = self;
        Integration {
            name: name.or(&old.name),
            grants: grants.or(&old.grants),
            api_grants: api_grants.or(&old.api_grants),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn view(integration: &Integration) -> IntegrationView {
    IntegrationView {
        id: integration.id,
        entity_id: integration.entity_id,
        name: integration.name.clone(),
        grants: integration.grants.clone(),
        api_grants: integration.api_grants.clone(),
        created_at: integration.created_at.into(),
        updated_at: integration.updated_at.into(),
    }
}
