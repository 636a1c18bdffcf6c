//! `/admin/v1/entities/{entity_id}/partners`: whose sites anonymous devices visit (V1, V8, A4).

use api::{Action, Admin, BootError, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{
    Entity, EntityId, Level, Name, Partner, PartnerId, RateLimit, Resource, Scope, Status, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Partner, Level::Read);
const WRITE: Scope = Scope(Resource::Partner, Level::Write);
const DELETE: Scope = Scope(Resource::Partner, Level::WriteDelete);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    name: Name,
    #[serde(default)]
    allow_get: bool,
    #[serde(default, deserialize_with = "model::present")]
    rate_limit: Option<RateLimit>,
    #[serde(default, deserialize_with = "model::present")]
    device_rate_limit: Option<RateLimit>,
}

/// In an update, `null` takes a rate limit of the partner's own away.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    allow_get: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Option<RateLimit>>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    device_rate_limit: Option<Option<RateLimit>>,
}

#[derive(Serialize)]
struct Output<'a> {
    id: PartnerId,
    entity_id: EntityId,
    name: &'a Name,
    status: Status,
    allow_get: bool,
    rate_limit: Option<RateLimit>,
    device_rate_limit: Option<RateLimit>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "partners";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "partner_id")?;
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
        let page = self.admin.registry.partners(owner.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, Output::of)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let new = input.of(&owner, session.now);
        let output = Output::of(&new);
        let mut change = session.change("create", target(&new), &owner, json!(output));
        let created = session.creation(&output, &mut change)?;
        created.once(self.admin.registry.create_partner(&new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(READ).await?;
        let partner = self.find(session, &owner).await?;
        Session::resource(&Output::of(&partner), partner.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        let old = self.find(session, &owner).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now);
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_partner(&old, &new, &change).await)?;
        Session::resource(&Output::of(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(DELETE).await?;
        let old = self.find(session, &owner).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_partner(&old, &change).await)?;
        Ok(Session::gone())
    }

    async fn find(&self, session: &Session<'_>, owner: &Entity) -> Result<Partner, Problem> {
        let id = api::path_parameter(session.request, "partner_id")?;
        self.admin.registry.partner(owner.id, id).await?.ok_or_else(Problem::not_found)
    }
}

impl Creation {
    fn of(self, owner: &Entity, now: Timestamp) -> Partner {
        Partner {
            allow_get: self.allow_get,
            rate_limit: self.rate_limit,
            device_rate_limit: self.device_rate_limit,
            ..Partner::new(owner, self.name, now)
        }
    }
}

impl Update {
    fn applied_to(self, old: &Partner, now: Timestamp) -> Partner {
        Partner {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            status: self.status.unwrap_or(old.status),
            allow_get: self.allow_get.unwrap_or(old.allow_get),
            rate_limit: self.rate_limit.unwrap_or(old.rate_limit),
            device_rate_limit: self.device_rate_limit.unwrap_or(old.device_rate_limit),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

impl<'a> Output<'a> {
    fn of(partner: &'a Partner) -> Self {
        Self {
            id: partner.id,
            entity_id: partner.entity_id,
            name: &partner.name,
            status: partner.status,
            allow_get: partner.allow_get,
            rate_limit: partner.rate_limit,
            device_rate_limit: partner.device_rate_limit,
            created_at: partner.created_at,
            updated_at: partner.updated_at,
        }
    }
}

fn target(partner: &Partner) -> (&'static str, String) {
    ("partner", partner.id.to_string())
}
