//! `/admin/v1/entities/{entity_id}/projects`: projects, their settings, and their API secrets, shown once (S1, S2, A4).

mod wire;

use api::http::Method;
use api::{Action, Admin, BootError, Endpoint, Paging, Reply, Request, Session, Start};
use model::{Level, Project, ProjectId, Resource, Scope};
use serde_json::json;
use wire::{Creation, Metered, Output, Rotation, Shown, Update};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);
const DELETE: Scope = Scope(Resource::Project, Level::WriteDelete);

impl Endpoint for App {
    const NAME: &'static str = "projects";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        if request.uri().path().ends_with("/rotate") {
            api::only(request, &Method::POST)?;
            let session = self.admin.session(request).await?;
            return self.rotate(&session).await;
        }
        let action = api::action(request, "project_id")?;
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
        let owner = session.path_entity(READ).await?;
        let paging = Paging::read(session.request, None)?;
        let page = self.admin.registry.projects(owner.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, |project| Output::of(project, session.now))
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let (registry, now) = (&self.admin.registry, session.now);
        let id = ProjectId::new(now);
        let (version, secret) = registry.new_api_secret(id, now)?;
        let own = (registry.new_client_id()?, version);
        let new = Project::new(id, own, &owner, input.name.clone(), now);
        let new = input.applied_to(new);
        let mut change = session.change("create", target(&new), &owner, json!(Output::of(&new, now)));
        let created = session.creation(&Shown::of(&new, &secret, now), &mut change)?;
        created.once(registry.create_project(&new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let (_, project) = session.path_project(READ).await?;
        let metered = self.admin.registry.metered_requests(project.id, session.now).await?;
        Session::resource(&Metered::of(&project, metered, session.now), project.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(WRITE).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now);
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_project(&old, &new, &change).await)?;
        Session::resource(&Output::of(&new, session.now), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(DELETE).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_project(&old, &change).await)?;
        Ok(Session::gone())
    }

    /// A new API secret signs from now on; those before it count until the given end (S2).
    async fn rotate(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Rotation = api::json_or_empty(session.request)?;
        session.if_match(old.version)?;
        let (registry, now) = (&self.admin.registry, session.now);
        let (version, secret) = registry.new_api_secret(old.id, now)?;
        let secrets = old.secrets.rotated(version, input.valid_until, now)?;
        let new = Project { secrets, version: old.version + 1, updated_at: now, ..old.clone() };
        let changes = json!({ "valid_until": input.valid_until });
        let mut change = session.change("rotate", target(&new), &owner, changes);
        let shown = Shown::of(&new, &secret, now);
        let created = session.rotation(&shown, new.version, &mut change)?;
        created.once(registry.rotate_api_secret(&old, &new, &change).await).await
    }
}

fn target(project: &Project) -> (&'static str, String) {
    ("project", project.id.to_string())
}
