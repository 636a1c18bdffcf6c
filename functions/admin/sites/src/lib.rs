//! `/admin/v1/entities/{entity_id}/partners/{partner_id}/sites`: the sites of a partner, their signing secrets shown
//! once (V3, V5, V9, A4).

mod wire;

use api::http::Method;
use api::{Action, Admin, BootError, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{Entity, Level, Partner, Resource, Scope, SecretVersion, Site, SiteId, Timestamp, TokenDuration};
use serde_json::json;
use wire::{Creation, Output, Rotation, Shown, Update};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Partner, Level::Read);
const WRITE: Scope = Scope(Resource::Partner, Level::Write);
const DELETE: Scope = Scope(Resource::Partner, Level::WriteDelete);

impl Endpoint for App {
    const NAME: &'static str = "sites";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        if request.uri().path().ends_with("/rotate") {
            api::only(request, &Method::POST)?;
            let session = self.admin.session(request).await?;
            return self.rotate(&session).await;
        }
        let action = api::action(request, "site_id")?;
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
        let (_, partner) = self.partner(session, READ).await?;
        let paging = Paging::read(session.request, None)?;
        let page = self.admin.registry.sites(partner.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, Output::of)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let (owner, partner) = self.partner(session, WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let (version, secret) = self.admin.registry.new_site_secret(partner.id, &input.name, session.now)?;
        let new = input.of(version, &partner, &owner, session.now);
        let mut change = session.change("create", target(&new), &owner, json!(Output::of(&new)));
        let created = session.creation(&Shown::of(&new, &secret), &mut change)?;
        created.once(self.admin.registry.create_site(&new, &partner, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let (_, site) = self.find(session, READ).await?;
        Session::resource(&Output::of(&site), site.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = self.find(session, WRITE).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now);
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_site(&old, &new, &change).await)?;
        Session::resource(&Output::of(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = self.find(session, DELETE).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_site(&old, &change).await)?;
        Ok(Session::gone())
    }

    /// The new secret signs at once; tokens under the old one verify until its given end (V9).
    async fn rotate(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = self.find(session, WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Rotation = api::json_or_empty(session.request)?;
        session.if_match(old.version)?;
        let (version, secret) =
            self.admin.registry.new_site_secret(old.partner_id, &old.name, session.now)?;
        let secrets = old.secrets.rotated(version, input.valid_until, session.now)?;
        let new = Site { secrets, version: old.version + 1, updated_at: session.now, ..old.clone() };
        let changes = json!({ "valid_until": input.valid_until });
        let mut change = session.change("rotate", target(&new), &owner, changes);
        let created = session.rotation(&Shown::of(&new, &secret), new.version, &mut change)?;
        created.once(self.admin.registry.replace_site(&old, &new, &change).await).await
    }

    async fn partner(&self, session: &Session<'_>, scope: Scope) -> Result<(Entity, Partner), Problem> {
        let owner = session.path_entity(scope).await?;
        let id = api::path_parameter(session.request, "partner_id")?;
        let partner = self.admin.registry.partner(owner.id, id).await?;
        Ok((owner, partner.ok_or_else(Problem::not_found)?))
    }

    async fn find(&self, session: &Session<'_>, scope: Scope) -> Result<(Entity, Site), Problem> {
        let (owner, partner) = self.partner(session, scope).await?;
        let id = api::path_parameter(session.request, "site_id")?;
        let site = self.admin.registry.site(partner.id, id).await?;
        Ok((owner, site.ok_or_else(Problem::not_found)?))
    }
}

impl Creation {
    fn of(self, secret: SecretVersion, partner: &Partner, owner: &Entity, now: Timestamp) -> Site {
        let duration = self.token_duration.unwrap_or(TokenDuration::HOUR);
        let new = Site::new((SiteId::new(now), secret), partner, owner, self.name, duration, now);
        Site { allow_get: self.allow_get, ..new }
    }
}

fn target(site: &Site) -> (&'static str, String) {
    ("site", site.id.to_string())
}
