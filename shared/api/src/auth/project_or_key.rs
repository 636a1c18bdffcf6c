//! Authenticates callers that build and verify a project's tokens (X6): the project itself with its API secret, or an API
//! key with an access token whose grants allow it. A signed request (F10) works where the operator accepts them (A12).

use std::sync::Arc;

use lambda_http::Request;
use model::{Level, ProjectId, Resource, Scope, Timestamp};
use store::{Directory, Lookup, OpenProject, View};

use crate::auth::credentials::Credentials;
use crate::auth::denied::{Party, Reason};
use crate::auth::headers::has_signature;
use crate::auth::lookups;
use crate::auth::project::ProjectCredentials;
use crate::auth::switches::{is_caller_on, is_project_on};
use crate::problem::Problem;
use crate::runtime::PlainSignatures;

/// A project whose tokens are built or verified.
#[derive(Debug)]
pub struct ProjectAccess {
    /// The project.
    pub open: Arc<OpenProject>,
    /// Whether the caller may see the project's app keys. The project itself may, and callers that may change them.
    pub sees_app_keys: bool,
}

/// The right to change a project, its app keys included.
const CHANGE: Scope = Scope(Resource::Project, Level::Write);

/// Returns the project `id` if the caller is the project itself (`Authorization: Bearer` with its API secret), or an
/// API key, with an access token or an accepted plain signature, that may do `scope` on the project's entity; and if all
/// of them are switched on. Takes two round trips.
///
/// # Errors
/// [`Code::InvalidCredentials`](crate::Code::InvalidCredentials), [`Code::NotFound`](crate::Code::NotFound),
/// [`Code::InsufficientScope`](crate::Code::InsufficientScope), [`Code::EntityDisabled`](crate::Code::EntityDisabled),
/// or the store's.
pub async fn authenticate_for_project(
    request: &Request,
    id: Option<ProjectId>,
    scope: Scope,
    (directory, plain_signatures): (&Directory, PlainSignatures),
    now: Timestamp,
) -> Result<ProjectAccess, Problem> {
    let mut view = directory.view(now);
    match ProjectCredentials::read(request, now) {
        Ok(secret @ ProjectCredentials::Secret(_)) if !has_signature(request) => {
            by_secret(secret, id, &mut view, now).await
        }
        _ => {
            let credentials = Credentials::of_key(request, plain_signatures, &mut view, now).await?;
            by_key(credentials, id, scope, &mut view).await
        }
    }
}

/// The response for an unknown project is the same as for a wrong secret, because project ids are not secret.
async fn by_secret(
    secret: ProjectCredentials,
    id: Option<ProjectId>,
    view: &mut View<'_>,
    now: Timestamp,
) -> Result<ProjectAccess, Problem> {
    let caller = secret.authenticate(view, now).await?;
    if Some(caller.project().id) != id {
        return Err(Reason::Wrong.at(now).into());
    }
    Party::Project.require_switched_on(caller.is_on())?;
    Ok(ProjectAccess { open: caller.into_open(), sees_app_keys: true })
}

async fn by_key(
    credentials: Credentials,
    id: Option<ProjectId>,
    scope: Scope,
    view: &mut View<'_>,
) -> Result<ProjectAccess, Problem> {
    let entities = |view: &View<'_>| {
        let open = id.and_then(|id| view.project(id));
        open.map(|open| lookups::of_project(&open.project).collect()).unwrap_or_default()
    };
    let caller = credentials.authenticate_with(view, id.map(Lookup::Project), entities).await?;
    let open = id.and_then(|id| view.project(id)).cloned().ok_or_else(Problem::not_found)?;
    let entity = view.entity(open.project.entity_id).ok_or_else(Problem::not_found)?;
    caller.may(scope, entity)?;
    let sees_app_keys = caller.may(CHANGE, entity).is_ok();
    let lineage = view.lineage(open.project.entity_id).ok_or_else(Problem::not_found)?;
    Party::Project.require_switched_on(is_project_on(&open.project, &lineage) && is_caller_on(&caller))?;
    Ok(ProjectAccess { open, sees_app_keys })
}
