//! `/admin/v1/entities`: customers, organizations and accounts, their status and switches (F1, F2, A4).

use api::{Action, Admin, BootError, Code, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{Entity, EntityId, EntityKind, Level, Name, Resource, Scope, Status, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Page;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Entity, Level::Read);
const WRITE: Scope = Scope(Resource::Entity, Level::Write);
const DELETE: Scope = Scope(Resource::Entity, Level::WriteDelete);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    parent_id: EntityId,
    name: Name,
    #[serde(default, deserialize_with = "model::present")]
    kind: Option<EntityKind>,
    #[serde(default = "active")]
    status: Status,
    #[serde(default = "on")]
    api_enabled: bool,
    #[serde(default = "on")]
    secure_anonymous_enabled: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    parent_id: Option<EntityId>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    api_enabled: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    secure_anonymous_enabled: Option<bool>,
}

#[derive(Serialize)]
struct Output<'a> {
    id: EntityId,
    kind: EntityKind,
    name: &'a Name,
    parent_id: Option<EntityId>,
    status: Status,
    api_enabled: bool,
    secure_anonymous_enabled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "entities";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "entity_id")?;
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
    /// The children of `parent_id`; without one, the entities the caller's grants are on.
    async fn list(&self, session: &Session<'_>) -> Reply {
        let paging = Paging::read(session.request, Some("parent_id"))?;
        let page = match &paging.filter {
            Some(text) => {
                let id = text.parse();
                let id = id.map_err(|_| Problem::invalid("parent_id", "must be an entity's id"))?;
                let parent = session.entity(id, READ).await?;
                self.admin.registry.children(parent.id, paging.cursor.as_ref(), paging.limit).await?
            }
            None => self.granted(session, &paging).await?,
        };
        Session::page(&page, output)
    }

    async fn granted(&self, session: &Session<'_>, paging: &Paging) -> Result<Page<Entity>, Problem> {
        let readable = session.caller.grants().iter().filter(|grant| grant.role.allows(READ));
        let mut ids: Vec<_> = readable.map(|grant| grant.entity_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Err(model::PermissionDenied::InsufficientGrants.into());
        }
        let (caller, cursor) = (session.caller.client_id(), paging.cursor.as_ref());
        Ok(self.admin.registry.granted_entities(caller, ids, cursor, paging.limit).await?)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let input: Creation = api::json(session.request)?;
        let parent = session.entity(input.parent_id, WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let new = input.under(&parent, session.now)?;
        let mut change = session.change("create", target(&new), &new, json!(output(&new)));
        let created = session.creation(&output(&new), &mut change)?;
        created.once(self.admin.registry.create_entity(&new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let entity = session.path_entity(READ).await?;
        Session::resource(&output(&entity), entity.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let old = session.path_entity(WRITE).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now)?;
        let change = session.change("update", target(&new), &new, changes);
        session.written(self.admin.registry.replace_entity(&old, &new, &change).await)?;
        Session::resource(&output(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let old = session.path_entity(DELETE).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &old, json!({}));
        session.written(self.admin.registry.delete_entity(&old, &change).await)?;
        Ok(Session::gone())
    }
}

impl Creation {
    fn under(self, parent: &Entity, now: Timestamp) -> Result<Entity, Problem> {
        let kind = parent.id.kind().child();
        let kind = kind.ok_or_else(|| Problem::invalid("parent_id", "an account has nothing below it"))?;
        if self.kind.is_some_and(|given| given != kind) {
            return Err(Problem::invalid("kind", format!("must be {} under this parent", kind.name())));
        }
        Ok(Entity {
            status: self.status,
            api_enabled: self.api_enabled,
            secure_anonymous_enabled: self.secure_anonymous_enabled,
            ..Entity::new(kind, Some(parent), self.name, now)
        })
    }
}

impl Update {
    /// Entities do not move: ids, keys and tokens name the place.
    fn applied_to(self, old: &Entity, now: Timestamp) -> Result<Entity, Problem> {
        if self.parent_id.is_some() && self.parent_id != old.parent() {
            let detail = "an entity stays under the parent it was created under";
            return Err(Problem::new(Code::Cycle, detail).about("parent_id"));
        }
        Ok(Entity {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            status: self.status.unwrap_or(old.status),
            api_enabled: self.api_enabled.unwrap_or(old.api_enabled),
            secure_anonymous_enabled: self.secure_anonymous_enabled.unwrap_or(old.secure_anonymous_enabled),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        })
    }
}

fn output(entity: &Entity) -> Output<'_> {
    Output {
        id: entity.id,
        kind: entity.id.kind(),
        name: &entity.name,
        parent_id: entity.parent(),
        status: entity.status,
        api_enabled: entity.api_enabled,
        secure_anonymous_enabled: entity.secure_anonymous_enabled,
        created_at: entity.created_at,
        updated_at: entity.updated_at,
    }
}

fn target(entity: &Entity) -> (&'static str, String) {
    ("entity", entity.id.to_string())
}

const fn active() -> Status {
    Status::Active
}

const fn on() -> bool {
    true
}
