//! `/admin/v1/entities/{entity_id}/projects/{project_id}/users`: the users of a project. `…/erase`: erases what is stored
//! for a user (S12).

use admin::{ProjectPath, Session};
use admin_api::{Backend, FromPath, accepted, listing, page, problem};
use api::http::Method;
use api::{BootError, BucketKind, BucketRequest, Endpoint, Problem, Reply, Request, Start};
use model::{RateLimit, UserId};
use serde::Deserialize;

/// The limit for requests to erase users of one project. Each may write a job and permanent records.
const ERASURE_LIMIT: RateLimit = RateLimit::per_hour(600);

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: Backend,
}

/// The body of a request to erase: nothing, or an empty object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {}

impl Endpoint for App {
    const NAME: &'static str = "project-users";
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        let is_erasure = request.uri().path().ends_with("/erase");
        api::require_method(request, if is_erasure { &Method::POST } else { &Method::GET })?;
        let session = self.backend.session(request).await?;
        let reply = match is_erasure {
            true => self.erase(&session, request).await,
            false => list(&session, request).await,
        };
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}

impl App {
    async fn erase(&self, session: &Session<'_>, request: &Request) -> Reply {
        let path = ProjectPath::from_path(request)?;
        let user = named_user(request)?;
        let Input {} = api::json_or_empty(request)?;
        let erasure = admin::user_erasure(session, path, &user).await.map_err(problem)?;
        let bucket = BucketRequest::new(Self::NAME, BucketKind::Project, erasure.project_id(), ERASURE_LIMIT);
        let quotas = self.backend.limiter().take([bucket]).await?;
        quotas.with_headers(accepted(&erasure.request(session).await.map_err(problem)?))
    }
}

/// The user of the query. It is not in the path, because it is free text, and gateways differ in how they decode paths.
fn named_user(request: &Request) -> Result<UserId, Problem> {
    let mut parameters = api::query_parameters(request)?;
    match (parameters.pop(), parameters.is_empty()) {
        (Some((name, user)), true) if name == "user" => {
            UserId::try_from(user).map_err(|rule| Problem::invalid("user", rule))
        }
        _ => Err(Problem::invalid("user", "must be given once, as the only parameter")),
    }
}

async fn list(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let listing = listing(request, None)?;
    page(admin::list_users(session, path, &listing).await.map_err(problem)?)
}
