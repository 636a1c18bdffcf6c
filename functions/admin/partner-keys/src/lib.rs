//! `/admin/v1/entities/{entity_id}/partners/{partner_id}/keys`: the `x-api-key`s of a partner, each shown once (V2,
//! A4). A key is rotated by making a second one and giving the first an end.

use api::{Action, Admin, BootError, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{
    Entity, EntityId, Level, Name, Partner, PartnerId, PartnerKey, PartnerKeyId, Resource, Scope, Status,
    Timestamp,
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
    #[serde(default, deserialize_with = "model::present")]
    valid_until: Option<Timestamp>,
}

/// In an update, `null` takes the end of a key away.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    valid_until: Option<Option<Timestamp>>,
}

/// A key without what it is.
#[derive(Serialize)]
struct Output<'a> {
    id: PartnerKeyId,
    partner_id: PartnerId,
    entity_id: EntityId,
    name: &'a Name,
    status: Status,
    valid_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A key as it is shown once.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    key: Output<'a>,
    api_key: &'a str,
}

impl Endpoint for App {
    const NAME: &'static str = "partner-keys";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "key_id")?;
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
        let page = self.admin.registry.partner_keys(partner.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, Output::of)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let (owner, partner) = self.partner(session, WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let (new, secret) = self.admin.registry.new_partner_key(&partner, &owner, input.name, session.now)?;
        let new = PartnerKey { valid_until: input.valid_until, ..new };
        let mut change = session.change("create", target(&new), &owner, json!(Output::of(&new)));
        let shown = Shown { key: Output::of(&new), api_key: secret.reveal() };
        let created = session.creation(&shown, &mut change)?;
        created.once(self.admin.registry.create_partner_key(&new, &partner, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let (_, key) = self.find(session, READ).await?;
        Session::resource(&Output::of(&key), key.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = self.find(session, WRITE).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now);
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_partner_key(&old, &new, &change).await)?;
        Session::resource(&Output::of(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = self.find(session, DELETE).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_partner_key(&old, &change).await)?;
        Ok(Session::gone())
    }

    async fn partner(&self, session: &Session<'_>, scope: Scope) -> Result<(Entity, Partner), Problem> {
        let owner = session.path_entity(scope).await?;
        let id = api::path_parameter(session.request, "partner_id")?;
        let partner = self.admin.registry.partner(owner.id, id).await?;
        Ok((owner, partner.ok_or_else(Problem::not_found)?))
    }

    async fn find(&self, session: &Session<'_>, scope: Scope) -> Result<(Entity, PartnerKey), Problem> {
        let (owner, partner) = self.partner(session, scope).await?;
        let id = api::path_parameter(session.request, "key_id")?;
        let key = self.admin.registry.partner_key(partner.id, id).await?;
        Ok((owner, key.ok_or_else(Problem::not_found)?))
    }
}

impl Update {
    fn applied_to(self, old: &PartnerKey, now: Timestamp) -> PartnerKey {
        PartnerKey {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            status: self.status.unwrap_or(old.status),
            valid_until: self.valid_until.unwrap_or(old.valid_until),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

impl<'a> Output<'a> {
    fn of(key: &'a PartnerKey) -> Self {
        Self {
            id: key.id,
            partner_id: key.partner_id,
            entity_id: key.entity_id,
            name: &key.name,
            status: key.status,
            valid_until: key.valid_until,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

fn target(key: &PartnerKey) -> (&'static str, String) {
    ("partner_key", key.id.to_string())
}
