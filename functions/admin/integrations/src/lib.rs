//! `/admin/v1/entities/{entity_id}/integrations`: API integrations and their grants (F3, A4).

use api::{Action, Admin, BootError, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{Entity, EntityId, Grants, Integration, IntegrationId, Level, Name, Resource, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Integration, Level::Read);
const WRITE: Scope = Scope(Resource::Integration, Level::Write);
const DELETE: Scope = Scope(Resource::Integration, Level::WriteDelete);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    name: Name,
    grants: Grants,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    grants: Option<Grants>,
}

#[derive(Serialize)]
struct Output<'a> {
    id: IntegrationId,
    entity_id: EntityId,
    name: &'a Name,
    grants: &'a Grants,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "integrations";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "integration_id")?;
        let session = self.admin.session(request).await?;
        match action {
            Action::List => self.list(&session).await,
            Action::Create => self.create(&session).await,
            Action::Show => self.show(&session).await,
            Action::Update => self.update(&session).await,
            Action::Delete => self.delete(&session).await,
        }
    }
}

impl App {
    async fn list(&self, session: &Session<'_>) -> Reply {
        let entity = session.path_entity(READ).await?;
        let paging = Paging::read(session.request, None)?;
        let page = self.admin.registry.integrations(entity.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, output)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        session.may_hand_out(&input.grants, &owner).await?;
        let new = Integration::new(&owner, input.name, input.grants, session.now);
        let mut change = session.change("create", target(&new), &owner, json!(output(&new)));
        let created = session.creation(&output(&new), &mut change)?;
        created.once(self.admin.registry.create_integration(&new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(READ).await?;
        let integration = self.find(session, &owner).await?;
        Session::resource(&output(&integration), integration.version)
    }

    /// Whoever changes an integration must hold what it holds, or it could take over what it may not grant.
    async fn update(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        let old = self.find(session, &owner).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        session.may_hand_out(&old.grants, &owner).await?;
        if let Some(grants) = &input.grants {
            session.may_hand_out(grants, &owner).await?;
        }
        let changes = json!(input);
        let new = input.applied_to(&old, session.now);
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_integration(&old, &new, &change).await)?;
        Session::resource(&output(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(DELETE).await?;
        let old = self.find(session, &owner).await?;
        session.if_match(old.version)?;
        session.may_hand_out(&old.grants, &owner).await?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_integration(&old, &change).await)?;
        Ok(Session::gone())
    }

    async fn find(&self, session: &Session<'_>, owner: &Entity) -> Result<Integration, Problem> {
        let id = api::path_parameter(session.request, "integration_id")?;
        self.admin.registry.integration(owner.id, id).await?.ok_or_else(Problem::not_found)
    }
}

impl Update {
    fn applied_to(self, old: &Integration, now: Timestamp) -> Integration {
        Integration {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            grants: self.grants.unwrap_or_else(|| old.grants.clone()),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn output(integration: &Integration) -> Output<'_> {
    Output {
        id: integration.id,
        entity_id: integration.entity_id,
        name: &integration.name,
        grants: &integration.grants,
        created_at: integration.created_at,
        updated_at: integration.updated_at,
    }
}

fn target(integration: &Integration) -> (&'static str, String) {
    ("integration", integration.id.to_string())
}
