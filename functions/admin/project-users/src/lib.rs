//! `/admin/v1/entities/{entity_id}/projects/{project_id}/users`: the users of a project. `…/{user}/erase`: erases what is
//! stored for a user (S12).

use admin::{ProjectPath, Session};
use admin_api::{Backend, FromPath, accepted, listing, page, problem};
use api::http::Method;
use api::{BootError, Endpoint, Problem, Reply, Request, Start};
use model::UserId;
use serde::Deserialize;

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

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        if api::has_path_parameter(request, "user") {
            api::require_method(request, &Method::POST)?;
            return erase(&self.backend.session(request).await?, request).await;
        }
        api::require_method(request, &Method::GET)?;
        list(&self.backend.session(request).await?, request).await
    }
}

async fn list(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let listing = listing(request, None)?;
    page(admin::list_users(session, path, &listing).await.map_err(problem)?)
}

async fn erase(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let user: String = api::path_parameter(request, "user")?;
    let user = UserId::try_from(user).map_err(|rule| Problem::invalid("user", rule))?;
    let Input {} = api::json_or_empty(request)?;
    accepted(&admin::erase_user(session, path, &user).await.map_err(problem)?)
}
