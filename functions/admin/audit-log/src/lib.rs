//! `GET /admin/v1/audit-log`: who changed what, when, from which address (A4, A13). `GET /admin/v1/notices`: refused calls
//! and other events that end (A13, S12).

use admin::Session;
use admin_api::{Backend, audit_query, notice_query, page, problem};
use api::http::Method;
use api::{BootError, Endpoint, Reply, Request, Start};
use model::{ChainFault, EntityId};

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
        let reply = match request.uri().path().ends_with("/notices") {
            true => notices(&session, request).await,
            false => audit_log(&session, request).await,
        };
        self.backend.finish(&session, (Self::NAME, request), reply).await
    }
}

async fn audit_log(session: &Session<'_>, request: &Request) -> Reply {
    let (listing, filter) = audit_query(request)?;
    let (records, faults) = admin::audit_log(session, &listing, &filter).await.map_err(problem)?;
    for (entity, fault) in &faults {
        log_broken_chain(*entity, fault);
    }
    page(records)
}

async fn notices(session: &Session<'_>, request: &Request) -> Reply {
    let (listing, times) = notice_query(request)?;
    page(admin::notices(session, &listing, times).await.map_err(problem)?)
}

/// An alarm counts these lines. `tokenbooth audit verify` then names the first wrong record.
fn log_broken_chain(entity: EntityId, fault: &ChainFault) {
    let (audit_entity, cause) = (tracing::field::display(entity), fault.to_string());
    tracing::error!(target: api::LOG_TARGET, function = App::NAME, code = "audit_chain_broken", audit_entity, cause, "failed");
}
