//! `GET /admin/v1/roles`: the roles and their scopes (F3, K6).

use admin_api::{Backend, page, problem};
use api::http::Method;
use api::{BootError, Endpoint, Problem, Reply, Request, Start};
use store::Page;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: Backend,
}

impl Endpoint for App {
    const NAME: &'static str = "roles";
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session(request).await?;
        if let Some((name, _)) = api::query_parameters(request)?.into_iter().next() {
            return Err(Problem::invalid(name, "is not a parameter of this list"));
        }
        let roles = admin::roles(&session).map_err(problem);
        let reply = roles.and_then(|items| page(Page { items, next: None }));
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}
