//! `/admin/v1/entities/{entity_id}/projects/{project_id}/token-sets`: the AES keys of a project's security and user
//! tokens, and how they are used (X1, X5, X9, A4).

mod wire;

use api::{Action, Admin, BootError, Code, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{Level, Project, Resource, Scope, TokenSet, TokenSetId, TokenSets};
use serde_json::json;
use store::Page;
use wire::{Creation, Output, Shown, Update};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);
const DELETE: Scope = Scope(Resource::Project, Level::WriteDelete);

impl Endpoint for App {
    const NAME: &'static str = "token-sets";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "token_set_id")?;
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
    /// All of them: there are five at most.
    async fn list(&self, session: &Session<'_>) -> Reply {
        let (_, project) = session.path_project(READ).await?;
        Paging::read(session.request, None)?;
        let page = Page { items: project.tokens.token_sets.to_vec(), next: None };
        Session::page(&page, |set| Output::of(set, project.id))
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let (scheme, secrets) = input.sound()?;
        let set = self.admin.registry.new_token_set(old.id, (input.name, scheme), &secrets, session.now)?;
        let set = TokenSet { active: input.active, ..set };
        let sets = old.tokens.token_sets.iter().cloned().chain([set.clone()]).collect();
        let new = with(&old, sets, session)?;
        let output = || Output::of(&set, old.id);
        let mut change = session.change("create", target(set.id), &owner, json!(output()));
        let key = secrets.key.reveal_text();
        let created = session.creation(&Shown { set: output(), key: &key }, &mut change)?;
        created.once(self.admin.registry.replace_project(&old, &new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let (_, project) = session.path_project(READ).await?;
        let set = find(session, &project)?;
        Session::resource(&Output::of(set, project.id), set.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(WRITE).await?;
        let set = find(session, &old)?;
        let input: Update = api::json(session.request)?;
        session.if_match(set.version)?;
        let set = self.applied(input, &old, set, session)?;
        let sets = old.tokens.token_sets.iter().map(|it| if it.id == set.id { &set } else { it }).cloned();
        let new = with(&old, sets.collect(), session)?;
        let change = session.change("update", target(set.id), &owner, json!(Output::of(&set, old.id)));
        session.written(self.admin.registry.replace_project(&old, &new, &change).await)?;
        Session::resource(&Output::of(&set, old.id), set.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(DELETE).await?;
        let set = find(session, &old)?;
        session.if_match(set.version)?;
        let sets = old.tokens.token_sets.iter().filter(|it| it.id != set.id).cloned().collect();
        let new = with(&old, sets, session)?;
        let change = session.change("delete", target(set.id), &owner, json!({}));
        session.written(self.admin.registry.replace_project(&old, &new, &change).await)?;
        Ok(Session::gone())
    }

    fn applied(
        &self,
        input: Update,
        project: &Project,
        old: &TokenSet,
        session: &Session<'_>,
    ) -> Result<TokenSet, Problem> {
        let set = TokenSet {
            name: input.name.unwrap_or_else(|| old.name.clone()),
            active: input.active.unwrap_or(old.active),
            version: old.version + 1,
            updated_at: session.now,
            ..old.clone()
        };
        let Some(app_keys) = input.app_keys else { return Ok(set) };
        let secrets = self.admin.registry.open_token_secrets(project.id, old)?;
        let secrets = model::TokenSecrets { app_keys, ..secrets };
        Ok(self.admin.registry.with_new_secrets(project.id, &set, &secrets)?)
    }
}

fn find<'p>(session: &Session<'_>, project: &'p Project) -> Result<&'p TokenSet, Problem> {
    let id: TokenSetId = api::path_parameter(session.request, "token_set_id")?;
    project.tokens.token_sets.iter().find(|set| set.id == id).ok_or_else(Problem::not_found)
}

/// `old` with these token sets.
fn with(old: &Project, sets: Vec<TokenSet>, session: &Session<'_>) -> Result<Project, Problem> {
    let is_full = sets.len() > TokenSets::MOST;
    let token_sets = TokenSets::try_from(sets).map_err(|_| match is_full {
        true => Problem::new(Code::LimitExceeded, "a project has at most 5 token sets"),
        false => Problem::new(Code::NameTaken, "a sibling has this name already").about("name"),
    })?;
    let tokens = model::TokenSettings { token_sets, ..old.tokens.clone() };
    Ok(Project { tokens, version: old.version + 1, updated_at: session.now, ..old.clone() })
}

fn target(id: TokenSetId) -> (&'static str, String) {
    ("token_set", id.to_string())
}
