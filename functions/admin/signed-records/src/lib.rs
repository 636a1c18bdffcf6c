//! `/admin/v1/entities/{entity_id}/projects/{project_id}/…`: what window S stores for a project (S12). `access-history` and
//! `refusals` list the accepted and the refused calls, `devices` the devices of a user, and `metered-requests` the number of
//! signing requests by month.

use admin::{ProjectPath, Session};
use admin_api::{Backend, FromPath, history_query, listing, page, problem, user_query};
use api::http::Method;
use api::{BootError, Endpoint, Problem, Reply, Request, Start};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: Backend,
}

impl Endpoint for App {
    const NAME: &'static str = "signed-records";
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session(request).await?;
        let reply = match request.uri().path().rsplit('/').next() {
            Some("access-history") => access_history(&session, request).await,
            Some("devices") => devices(&session, request).await,
            Some("refusals") => refusals(&session, request).await,
            _ => metered_requests(&session, request).await,
        };
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}

async fn access_history(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let (listing, filter) = history_query(request)?;
    page(admin::access_history(session, path, (&listing, &filter)).await.map_err(problem)?)
}

async fn devices(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let (listing, user) = user_query(request)?;
    let user = user.ok_or_else(|| Problem::invalid("user", "is required"))?;
    page(admin::list_devices(session, path, (&listing, &user)).await.map_err(problem)?)
}

async fn refusals(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let (listing, user) = user_query(request)?;
    page(admin::refusals(session, path, (&listing, user.as_ref())).await.map_err(problem)?)
}

async fn metered_requests(session: &Session<'_>, request: &Request) -> Reply {
    let path = ProjectPath::from_path(request)?;
    let listing = listing(request, None)?;
    page(admin::metered_requests(session, path, &listing).await.map_err(problem)?)
}
