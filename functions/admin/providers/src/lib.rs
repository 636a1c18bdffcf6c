//! `/admin/v1/entities/{entity_id}/providers`: secure anonymous token providers (F7, A4).

use api::{Action, Admin, BootError, Code, Endpoint, Paging, Problem, Reply, Request, Session, Start};
use model::{
    Description, Entity, EntityId, Grants, Level, Provider, ProviderId, RateLimit, Resource, Scope, Status,
    Timestamp, TokenDuration,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Provider, Level::Read);
const WRITE: Scope = Scope(Resource::Provider, Level::Write);
const DELETE: Scope = Scope(Resource::Provider, Level::WriteDelete);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    description: Description,
    token_duration: TokenDuration,
    grants: Grants,
    #[serde(default)]
    allow_privileged: bool,
    #[serde(default, deserialize_with = "model::present")]
    rate_limit: Option<RateLimit>,
}

/// In an update, `null` takes the provider's own rate limit away.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    token_duration: Option<TokenDuration>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    grants: Option<Grants>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    allow_privileged: Option<bool>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "model::present", skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Option<RateLimit>>,
}

#[derive(Serialize)]
struct Output<'a> {
    id: ProviderId,
    entity_id: EntityId,
    description: &'a Description,
    token_duration: TokenDuration,
    grants: &'a Grants,
    allow_privileged: bool,
    privileged: bool,
    status: Status,
    rate_limit: Option<RateLimit>,
    token_url: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "providers";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let action = api::action(request, "provider_id")?;
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
        let page = self.admin.registry.providers(entity.id, paging.cursor.as_ref(), paging.limit).await?;
        Session::page(&page, |provider| output(provider, &session.issuer))
    }

    async fn create(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        if let Some(reply) = session.earlier().await? {
            return Ok(reply);
        }
        let input: Creation = api::json(session.request)?;
        session.may_hand_out(&input.grants, &owner).await?;
        must_ask(&input.grants, input.allow_privileged)?;
        let new = input.of(&owner, session.now);
        let output = output(&new, &session.issuer);
        let mut change = session.change("create", target(&new), &owner, json!(output));
        let created = session.creation(&output, &mut change)?;
        created.once(self.admin.registry.create_provider(&new, &change).await).await
    }

    async fn show(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(READ).await?;
        let provider = self.find(session, &owner).await?;
        Session::resource(&output(&provider, &session.issuer), provider.version)
    }

    /// Whoever changes a provider must hold what its tokens give.
    async fn update(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(WRITE).await?;
        let old = self.find(session, &owner).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        session.may_hand_out(&old.grants, &owner).await?;
        if let Some(grants) = &input.grants {
            must_ask(grants, input.allow_privileged == Some(true))?;
        }
        let changes = json!(input);
        let new = sound(input.applied_to(&old, session.now))?;
        session.may_hand_out(&new.grants, &owner).await?;
        let change = session.change("update", target(&new), &owner, changes);
        session.written(self.admin.registry.replace_provider(&old, &new, &change).await)?;
        Session::resource(&output(&new, &session.issuer), new.version)
    }

    async fn delete(&self, session: &Session<'_>) -> Reply {
        let owner = session.path_entity(DELETE).await?;
        let old = self.find(session, &owner).await?;
        session.if_match(old.version)?;
        session.may_hand_out(&old.grants, &owner).await?;
        let change = session.change("delete", target(&old), &owner, json!({}));
        session.written(self.admin.registry.delete_provider(&old, &change).await)?;
        Ok(Session::gone())
    }

    async fn find(&self, session: &Session<'_>, owner: &Entity) -> Result<Provider, Problem> {
        let id = api::path_parameter(session.request, "provider_id")?;
        self.admin.registry.provider(owner.id, id).await?.ok_or_else(Problem::not_found)
    }
}

/// Refuses grants above `launchpad_user` that were not asked for in so many words (F7).
fn must_ask(grants: &Grants, asked: bool) -> Result<(), Problem> {
    if asked || !grants.are_privileged() {
        return Ok(());
    }
    Err(Problem::invalid("allow_privileged", "grants above launchpad_user need allow_privileged: true"))
}

/// Refuses to take `allow_privileged` from a provider that has such grants.
fn sound(provider: Provider) -> Result<Provider, Problem> {
    if provider.has_allowed_grants() {
        return Ok(provider);
    }
    let detail = "it has grants above launchpad_user, change those first";
    Err(Problem::new(Code::Conflict, detail).about("allow_privileged"))
}

impl Creation {
    fn of(self, owner: &Entity, now: Timestamp) -> Provider {
        let new = Provider::new(owner, self.description, self.token_duration, self.grants, now);
        Provider { allow_privileged: self.allow_privileged, rate_limit: self.rate_limit, ..new }
    }
}

impl Update {
    fn applied_to(self, old: &Provider, now: Timestamp) -> Provider {
        Provider {
            description: self.description.unwrap_or_else(|| old.description.clone()),
            token_duration: self.token_duration.unwrap_or(old.token_duration),
            grants: self.grants.unwrap_or_else(|| old.grants.clone()),
            allow_privileged: self.allow_privileged.unwrap_or(old.allow_privileged),
            status: self.status.unwrap_or(old.status),
            rate_limit: self.rate_limit.unwrap_or(old.rate_limit),
            version: old.version + 1,
            updated_at: now,
            ..old.clone()
        }
    }
}

fn output<'a>(provider: &'a Provider, issuer: &str) -> Output<'a> {
    Output {
        id: provider.id,
        entity_id: provider.entity_id,
        description: &provider.description,
        token_duration: provider.token_duration,
        grants: &provider.grants,
        allow_privileged: provider.allow_privileged,
        privileged: provider.grants.are_privileged(),
        status: provider.status,
        rate_limit: provider.rate_limit,
        token_url: format!("{issuer}{}", provider.token_path()),
        created_at: provider.created_at,
        updated_at: provider.updated_at,
    }
}

fn target(provider: &Provider) -> (&'static str, String) {
    ("provider", provider.id.to_string())
}
