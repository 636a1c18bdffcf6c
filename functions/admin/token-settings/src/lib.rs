//! `/admin/v1/entities/{entity_id}/projects/{project_id}/token-settings`: the rules of a project for security and
//! user tokens (X1, X7, A4). `…/settings-file`: the rules with the keys, for servers that build tokens themselves (X10).

use admin::{ProjectPath, Session};
use admin_api::{Backend, FromPath, attachment, expected_version, problem, resource};
use api::http::Method;
use api::{BootError, BucketKind, BucketRequest, Endpoint, Problem, Reply, Request, Start};
use model::RateLimit;

/// The limit for downloads of one project's settings file. Each download leaves a permanent audit record (A13).
const DOWNLOAD_LIMIT: RateLimit = RateLimit::per_hour(60);

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: Backend,
}

impl Endpoint for App {
    const NAME: &'static str = "token-settings";
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let is_file = request.uri().path().ends_with("/settings-file");
        if is_file {
            api::require_method(request, &Method::GET)?;
        } else if ![Method::GET, Method::PATCH].contains(request.method()) {
            return Err(Problem::method_not_allowed("GET, HEAD, PATCH"));
        }
        let session = self.backend.session(request).await?;
        let reply = match *request.method() {
            _ if is_file => download(&self.backend, &session, request).await,
            Method::PATCH => update(&session, request).await,
            _ => show(&session, request).await,
        };
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}

async fn show(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    resource(&admin::show_settings(session, path).await.map_err(problem)?)
}

async fn update(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let input = api::json(request)?;
    let version = expected_version(request)?;
    resource(&admin::update_settings(session, path, input, version).await.map_err(problem)?)
}

async fn download(backend: &Backend, session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let download = admin::open_settings_file(session, path).await.map_err(problem)?;
    let bucket = BucketRequest::new("settings-file", BucketKind::Project, path.project_id, DOWNLOAD_LIMIT);
    let quotas = backend.limiter().take([bucket]).await?;
    let file = download.record(session).await.map_err(problem)?;
    quotas.with_headers(attachment(api::json_reply(&file)?, "tokenbooth-project.json"))
}
