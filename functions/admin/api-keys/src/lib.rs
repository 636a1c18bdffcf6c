//! `/admin/v1/entities/{entity_id}/integrations/{integration_id}/keys`: the keys of an integration, their secrets
//! shown once (F4, F6, K1, A4).

mod wire;

use api::http::{HeaderValue, Method, header};
use api::{Action, Admin, BootError, Code, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use crypto::Secret;
use model::{ApiKey, ClientId, Entity, Integration, Level, Resource, Scope, Timestamp};
use serde_json::json;
use store::ApiKeyRotation;
use wire::{Creation, KeyFile, Output, Rotation, Shown, Update};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::ApiKey, Level::Read);
const WRITE: Scope = Scope(Resource::ApiKey, Level::Write);
const DELETE: Scope = Scope(Resource::ApiKey, Level::WriteDelete);

impl Endpoint for App {
    const NAME: &'static str = "api-keys";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        if request.uri().path().ends_with("/rotate") {
            api::only(request, &Method::POST)?;
            let session = self.admin.session(request).await?;
            return kept(&session, self.rotate(&session).await);
        }
        let action = api::action(request, "client_id")?;
        let session = self.admin.session(request).await?;
        match action {
            Action::List => self.list(&session).await,
            Action::Create => kept(&session, self.create(&session).await),
            Action::Show => self.show(&session).await,
            Action::Update => self.update(&session).await,
            Action::Delete => self.delete(&session).await,
        }
    }
}

impl App {
    async fn list(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(READ).await?;
        let integration = self.integration(session, &owner).await?;
        let paging = Paging::read(session.request, None)?;
        let keys = self
            .admin
            .registry
            .api_keys(owner.id, integration.id, paging.cursor.as_ref(), paging.limit)
            .await?;
        Session::page(&keys, Output::of)
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let (owner, integration) = self.held(session, WRITE).await?;
        let download = api::flag(session.request, "download")?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        let (new, secret) = self.admin.registry.new_api_key(&integration, &owner, input.name, session.now)?;
        let new = ApiKey { valid_until: input.valid_until, rate_limit: input.rate_limit, ..new };
        let mut change = session.change("create", target(&new), &owner, json!(Output::of(&new)));
        let created = session.creation(&Shown::of(&new, &secret, download), &mut change)?;
        created.once(self.admin.registry.create_api_key(&new, &integration, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(READ).await?;
        let key = self.find(session, &owner).await?;
        Session::resource(&Output::of(&key), key.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, _) = self.held(session, WRITE).await?;
        let old = self.find(session, &owner).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let changes = json!(input);
        let new = input.applied_to(&old, session.now)?;
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_api_key(&old, &new, &change).await)?;
        Session::resource(&Output::of(&new), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let (owner, _) = self.held(session, DELETE).await?;
        let old = self.find(session, &owner).await?;
        session.if_match(old.version)?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_api_key(&old, &change).await)?;
        Ok(Session::gone())
    }

    /// A new key takes over the name, the rate limit and any end the old one had; the old one works on until its given end (F4).
    async fn rotate(&self, session: &Session<'_>) -> Reply {
        let (owner, integration) = self.held(session, WRITE).await?;
        let old = self.find(session, &owner).await?;
        let download = api::flag(session.request, "download")?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Rotation = api::json_or_empty(session.request)?;
        session.if_match(old.version)?;
        let (new, secret) =
            self.admin.registry.new_api_key(&integration, &owner, old.name.clone(), session.now)?;
        let new = ApiKey { valid_until: old.valid_until, rate_limit: old.rate_limit, ..new };
        let ending = ending(&old, &new, input.valid_until, session.now)?;
        let changes = json!({ "client_id": new.client_id, "valid_until": ending.valid_until });
        let mut change = session.change("rotate", target(&old), &owner, changes);
        let created = session.creation(&Shown::of(&new, &secret, download), &mut change)?;
        let rotation =
            ApiKeyRotation { old: &old, superseded: &ending, successor: &new, integration: &integration };
        let written = self.admin.registry.rotate_api_key(&rotation, &change).await;
        created.once(written).await
    }

    /// The integration in the path, all of whose grants the caller holds: its keys are as good as its grants.
    async fn held(&self, session: &Session<'_>, scope: Scope) -> Result<(Entity, Integration), Problem> {
        let owner = session.path_entity(scope).await?;
        let integration = self.integration(session, &owner).await?;
        session.may_hand_out(&integration.grants, &owner).await?;
        Ok((owner, integration))
    }

    async fn integration(&self, session: &Session<'_>, owner: &Entity) -> Result<Integration, Problem> {
        let id = api::path_parameter(session.request, "integration_id")?;
        self.admin.registry.integration(owner.id, id).await?.ok_or_else(Problem::not_found)
    }

    async fn find(&self, session: &Session<'_>, owner: &Entity) -> Result<ApiKey, Problem> {
        let id: ClientId = api::path_parameter(session.request, "client_id")?;
        let integration = api::path_parameter(session.request, "integration_id")?;
        let key = self.admin.registry.api_key(&id).await?;
        let key = key.filter(|key| key.entity_id == owner.id && key.integration_id == integration);
        key.ok_or_else(Problem::not_found)
    }
}

/// `old` as it goes on beside its successor.
fn ending(old: &ApiKey, new: &ApiKey, until: Option<Timestamp>, now: Timestamp) -> Result<ApiKey, Problem> {
    if old.superseded_by.is_some() {
        return Err(Problem::new(Code::Conflict, "this key has been rotated already, rotate its successor"));
    }
    if !old.is_usable(now) {
        return Err(Problem::new(Code::Conflict, "this key no longer works, create a new one"));
    }
    let until = model::overlap_end(until, now)?;
    let until = old.valid_until.map_or(until, |end| end.min(until));
    Ok(ApiKey {
        valid_until: Some(until),
        superseded_by: Some(new.client_id.clone()),
        version: old.version + 1,
        updated_at: now,
        ..old.clone()
    })
}

/// With `download=true` the answer is a file to keep (K1).
fn kept(session: &Session<'_>, reply: Reply) -> Reply {
    let mut reply = reply?;
    if api::flag(session.request, "download")? {
        let value = HeaderValue::from_static("attachment; filename=\"api-key.json\"");
        reply.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(reply)
}

fn target(key: &ApiKey) -> (&'static str, String) {
    ("api_key", key.client_id.to_string())
}

impl KeyFile {
    fn of(key: &ApiKey, secret: &Secret) -> Self {
        let encoded = crypto::EncodedKey::encode(key.client_id.as_str(), secret);
        Self {
            app_client_id: key.client_id.clone(),
            app_client_secret: secret.reveal().to_owned(),
            encoded_key: encoded.reveal().to_owned(),
        }
    }
}
