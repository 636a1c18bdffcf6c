//! `GET /admin/v1/audit-log`: who changed what, when, from which address (A4).

use admin_api::{Backend, listing, page, problem};
use api::http::Method;
use api::{BootError, Endpoint, Reply, Request, Start};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: Backend,
}

impl Endpoint for App {
    const NAME: &'static str = "audit-log";
    const CHALLENGE: &'static str = api::ADMIN_CHALLENGE;

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: Backend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session(request).await?;
        let listing = listing(request, Some("entity_id"))?;
        page(admin::audit_log(&session, &listing).await.map_err(problem)?)
    }
}
