//! `/admin/v1/entities/{entity_id}/projects/{project_id}/token-settings`: what a project asks of security and user
//! tokens (X1, X7, A4).

use api::http::Method;
use api::{Admin, BootError, Endpoint, Problem, Reply, Request, Session, Start};
use model::{
    FieldText, Level, Project, ProjectId, Resource, Scope, Seconds, SecurityContext, SecurityTokenRule,
    Timestamp, TokenSettings, TokenWindow,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);

/// In an update, a `security_context` of `null` takes it away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    #[serde(default, deserialize_with = "model::present")]
    security_context: Option<Option<FieldText>>,
    #[serde(default, deserialize_with = "model::present")]
    security_context_required: Option<bool>,
    #[serde(default, deserialize_with = "model::present")]
    security_token_required: Option<bool>,
    #[serde(default, deserialize_with = "model::present")]
    gen_dt_past_seconds: Option<Seconds>,
    #[serde(default, deserialize_with = "model::present")]
    gen_dt_future_seconds: Option<Seconds>,
}

#[derive(Serialize)]
struct Output<'a> {
    project_id: ProjectId,
    security_context: Option<&'a FieldText>,
    security_context_required: bool,
    security_token_required: bool,
    gen_dt_past_seconds: Seconds,
    gen_dt_future_seconds: Seconds,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "token-settings";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        match *request.method() {
            Method::GET => self.show(&self.admin.session(request).await?).await,
            Method::PATCH => self.update(&self.admin.session(request).await?).await,
            _ => Err(Problem::method_not_allowed("GET, HEAD, PATCH")),
        }
    }
}

impl App {
    async fn show(&self, session: &Session<'_>) -> Reply {
        let (_, project) = session.path_project(READ).await?;
        Session::resource(&output(&project), project.version)
    }

    async fn update(&self, session: &Session<'_>) -> Reply {
        let (owner, old) = session.path_project(WRITE).await?;
        let input: Update = api::json(session.request)?;
        session.if_match(old.version)?;
        let tokens = input.applied_to(&old.tokens);
        let new = Project { tokens, version: old.version + 1, updated_at: session.now, ..old.clone() };
        let target = ("token_settings", new.id.to_string());
        let change = session.change("update", target, &owner, json!(output(&new)));
        session.written(self.admin.registry.replace_project(&old, &new, &change).await)?;
        Session::resource(&output(&new), new.version)
    }
}

impl Update {
    fn applied_to(self, old: &TokenSettings) -> TokenSettings {
        TokenSettings {
            security_context: SecurityContext {
                value: self.security_context.unwrap_or_else(|| old.security_context.value.clone()),
                required: self.security_context_required.unwrap_or(old.security_context.required),
            },
            security_token: SecurityTokenRule {
                required: self.security_token_required.unwrap_or(old.security_token.required),
            },
            gen_dt: TokenWindow {
                past_seconds: self.gen_dt_past_seconds.unwrap_or(old.gen_dt.past_seconds),
                future_seconds: self.gen_dt_future_seconds.unwrap_or(old.gen_dt.future_seconds),
            },
            token_sets: old.token_sets.clone(),
        }
    }
}

fn output(project: &Project) -> Output<'_> {
    let TokenSettings { security_context, security_token, gen_dt, .. } = &project.tokens;
    Output {
        project_id: project.id,
        security_context: security_context.value.as_ref(),
        security_context_required: security_context.required,
        security_token_required: security_token.required,
        gen_dt_past_seconds: gen_dt.past_seconds,
        gen_dt_future_seconds: gen_dt.future_seconds,
        updated_at: project.updated_at,
    }
}
