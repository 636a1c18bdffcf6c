//! Proving who may build and verify a project's tokens (X6): the project itself by its API secret, or an API key whose
//! grants allow it there.

use std::sync::Arc;

use crypto::{Prefix, Secret};
use lambda_http::Request;
use model::{ProjectId, Scope, Status, Timestamp};
use store::{Directory, Lookup, OpenProject, View};

use crate::credentials::{Credentials, Denied, bearer};
use crate::problem::{Code, Problem};

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
) -> Result<Arc<OpenProject>, Problem> {
    let mut view = directory.view(now);
    let secret = bearer(request).filter(|text| Secret::is_recognised(text, Prefix::ApiSecret));
    let is_signed = request.headers().keys().any(|name| name.as_str().starts_with("x-frame-"));
    let project = match secret {
        Some(_) if is_signed => Err(Denied::Ambiguous),
        Some(secret) => by_secret(&mut view, id, &Secret::from(secret.to_owned()), now).await,
        None => return by_key(request, id, scope, directory, now).await,
    };
    works(&view, project.map_err(|denied| denied.into_problem(now))?)
}

/// An unknown project is answered as one with another secret is; ids are in URLs, and no secret.
async fn by_secret(
    view: &mut View<'_>,
    id: Option<ProjectId>,
    secret: &Secret,
    now: Timestamp,
) -> Result<Arc<OpenProject>, Denied> {
    view.fetch(id.map(Lookup::Project)).await?;
    let project = id.and_then(|id| view.project(id)).cloned().ok_or(Denied::Unknown)?;
    if !project.secrets.usable(now).any(|usable| usable.equals(secret)) {
        return Err(Denied::Wrong);
    }
    view.fetch(lineage(&project)).await?;
    Ok(project)
}

async fn by_key(
    request: &Request,
    id: Option<ProjectId>,
    scope: Scope,
    directory: &Directory,
    now: Timestamp,
) -> Result<Arc<OpenProject>, Problem> {
    let credentials = Credentials::of_administrator(request, directory, now).await;
    let credentials = credentials.map_err(|denied| denied.into_problem(now))?;
    let mut view = directory.view(now);
    let then = |view: &View<'_>| {
        let project = id.and_then(|id| view.project(id));
        project.map(|project| lineage(project).collect()).unwrap_or_default()
    };
    let caller = credentials.authenticate_with(&mut view, id.map(Lookup::Project), then, now).await;
    let caller = caller.map_err(|denied| denied.into_problem(now))?;
    let project = id.and_then(|id| view.project(id)).cloned().ok_or_else(Problem::not_found)?;
    let entity = view.entity(project.project.entity_id).ok_or_else(Problem::not_found)?;
    caller.may(scope, entity)?;
    if caller.is_active() && caller.is_api_enabled() { works(&view, project) } else { Err(disabled()) }
}

fn lineage(project: &OpenProject) -> impl Iterator<Item = Lookup> {
    let path = std::iter::once(project.project.entity_id).chain(project.project.ancestors.iter().copied());
    path.map(Lookup::Entity)
}

/// The project, if it and everything above it is switched on.
fn works(view: &View<'_>, project: Arc<OpenProject>) -> Result<Arc<OpenProject>, Problem> {
    let lineage = view.lineage(project.project.entity_id).ok_or_else(Problem::not_found)?;
    let works = project.project.status == Status::Active && lineage.is_active() && lineage.is_api_enabled();
    if works { Ok(project) } else { Err(disabled()) }
}

fn disabled() -> Problem {
    Problem::new(Code::EntityDisabled, "the project, its entity, one above it, or its API switch is off")
}
