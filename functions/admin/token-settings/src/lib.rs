//! `/admin/v1/entities/{entity_id}/projects/{project_id}/token-settings`: what a project asks of security and user
//! tokens (X1, X7, A4); and `…/settings-file`: the same with the keys, for who builds tokens itself (X10).

mod update;

use api::http::{HeaderValue, Method, header};
use api::{Admin, BootError, Endpoint, Problem, Reply, Request, Session, Start};
use model::{
    Level, Project, ProjectFile, ProjectId, Resource, Scope, SecurityContext, SecurityTokenRule, Timestamp,
    TokenSetFile, TokenSettings, TokenWindow,
};
use serde::Serialize;
use serde_json::json;
use update::Update;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    admin: Admin,
}

const READ: Scope = Scope(Resource::Project, Level::Read);
const WRITE: Scope = Scope(Resource::Project, Level::Write);

#[derive(Serialize)]
struct Output<'a> {
    project_id: ProjectId,
    security_context: &'a SecurityContext,
    security_token: SecurityTokenRule,
    gen_dt: TokenWindow,
    updated_at: Timestamp,
}

impl Endpoint for App {
    const NAME: &'static str = "token-settings";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { admin: Admin::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        if request.uri().path().ends_with("/settings-file") {
            api::only(request, &Method::GET)?;
            return self.download(&self.admin.session(request).await?).await;
        }
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
        let change = session.change("update", target(&new), &owner, json!(output(&new)));
        session.written(self.admin.registry.replace_project(&old, &new, &change).await)?;
        Session::resource(&output(&new), new.version)
    }

    /// Keys leave here, so it takes the right to change them, and the audit log says who had them.
    async fn download(&self, session: &Session<'_>) -> Reply {
        let (owner, project) = session.path_project(WRITE).await?;
        let file = self.file(&project)?;
        let change = session.change("download", target(&project), &owner, json!({}));
        self.admin.registry.write_audit_record(&change).await?;
        let mut response = api::json_reply(&file)?;
        let name = HeaderValue::from_static("attachment; filename=\"tokenbooth-project.json\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        Ok(response)
    }

    fn file(&self, project: &Project) -> Result<ProjectFile, Problem> {
        let TokenSettings { security_context, security_token, gen_dt, token_sets } = project.tokens.clone();
        let open =
            |set| Ok(TokenSetFile::new(set, &self.admin.registry.open_token_secrets(project.id, set)?));
        let token_sets = token_sets.iter().map(open).collect::<Result<_, Problem>>()?;
        Ok(ProjectFile { project_id: project.id, security_context, security_token, gen_dt, token_sets })
    }
}

fn output(project: &Project) -> Output<'_> {
    let TokenSettings { security_context, security_token, gen_dt, .. } = &project.tokens;
    Output {
        project_id: project.id,
        security_context,
        security_token: *security_token,
        gen_dt: *gen_dt,
        updated_at: project.updated_at,
    }
}

fn target(project: &Project) -> (&'static str, String) {
    ("token_settings", project.id.to_string())
}
