//! Proving who may build and verify a project's tokens (X6): the project itself by its API secret, or an API key whose
//! grants allow it there.

use std::sync::Arc;

use lambda_http::Request;
use model::{Level, ProjectId, Resource, Scope, Status, Timestamp};
use store::{Directory, Lookup, OpenProject, View};

use crate::auth::credentials::{Credentials, Denied};
use crate::auth::project::ProjectCredentials;
use crate::problem::{Code, Problem};

/// A project whose tokens are built or verified.
#[derive(Debug)]
pub struct ProjectAccess {
    /// The project.
    pub open: Arc<OpenProject>,
    /// Whether who asks may see its app keys: the project itself, and who may change them.
    pub sees_app_keys: bool,
}

/// The right to change a project, its app keys included.
const CHANGE: Scope = Scope(Resource::Project, Level::Write);

/// The project `id`, if the request comes from itself (`Authorization: Bearer` and its API secret), or from an API key,
/// signed or with an access token, that may do `scope` on the project's entity; and if all of it is switched on. Two
/// round trips.
///
/// # Errors
/// [`Code::InvalidCredentials`], [`Code::NotFound`], [`Code::InsufficientScope`], [`Code::EntityDisabled`], or the
/// store's.
pub async fn project_for(
    request: &Request,
    id: Option<ProjectId>,
    scope: Scope,
    directory: &Directory,
    now: Timestamp,
) -> Result<ProjectAccess, Problem> {
    let is_signed = request.headers().keys().any(|name| name.as_str().starts_with("x-frame-"));
    match ProjectCredentials::read(request) {
        Ok(secret @ ProjectCredentials::Secret(_)) if !is_signed => {
            by_secret(secret, id, directory, now).await
        }
        _ => by_key(request, id, scope, directory, now).await,
    }
}

/// An unknown project is answered as one with another secret is; ids are in URLs, and no secret.
async fn by_secret(
    secret: ProjectCredentials,
    id: Option<ProjectId>,
    directory: &Directory,
    now: Timestamp,
) -> Result<ProjectAccess, Problem> {
    let caller = secret.authenticate(&mut directory.view(now), now).await;
    let caller = caller.and_then(|it| if Some(it.project().id) == id { Ok(it) } else { Err(Denied::Wrong) });
    let caller = caller.map_err(|denied| denied.into_problem(now))?;
    if !caller.is_active() {
        return Err(disabled());
    }
    Ok(ProjectAccess { open: caller.into_open(), sees_app_keys: true })
}

async fn by_key(
    request: &Request,
    id: Option<ProjectId>,
    scope: Scope,
    directory: &Directory,
    now: Timestamp,
) -> Result<ProjectAccess, Problem> {
    let credentials = Credentials::of_administrator(request, directory, now).await;
    let credentials = credentials.map_err(|denied| denied.into_problem(now))?;
    let mut view = directory.view(now);
    let then = |view: &View<'_>| {
        let project = id.and_then(|id| view.project(id));
        project.map(|project| lineage(project).collect()).unwrap_or_default()
    };
    let caller = credentials.authenticate_with(&mut view, id.map(Lookup::Project), then, now).await;
    let caller = caller.map_err(|denied| denied.into_problem(now))?;
    let open = id.and_then(|id| view.project(id)).cloned().ok_or_else(Problem::not_found)?;
    let entity = view.entity(open.project.entity_id).ok_or_else(Problem::not_found)?;
    caller.may(scope, entity)?;
    let sees_app_keys = caller.may(CHANGE, entity).is_ok();
    let above = view.lineage(open.project.entity_id).ok_or_else(Problem::not_found)?;
    let works = open.project.status == Status::Active && above.is_active() && above.is_api_enabled();
    let may_call = caller.is_active() && caller.is_api_enabled();
    if works && may_call { Ok(ProjectAccess { open, sees_app_keys }) } else { Err(disabled()) }
}

fn lineage(project: &OpenProject) -> impl Iterator<Item = Lookup> {
    let path = std::iter::once(project.project.entity_id).chain(project.project.ancestors.iter().copied());
    path.map(Lookup::Entity)
}

fn disabled() -> Problem {
    Problem::new(Code::EntityDisabled, "the project, its entity, one above it, or its API switch is off")
}
