//! What every function of the Admin API needs, and the session of a request.

use admin::Session;
use api::{Clock, PlainSignatures, Problem, Request, Start};
use store::{Directory, Registry, StoreError};

/// What every function of the Admin API needs.
#[derive(Debug)]
pub struct Backend {
    registry: Registry,
    directory: Directory,
    plain_signatures: PlainSignatures,
    clock: Clock,
}

impl Backend {
    /// Opens the table and the data key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn boot(start: &Start) -> Result<Self, StoreError> {
        let directory = start.administering_directory().await?;
        let registry = Registry::new(start.table.clone(), directory.keys()?.clone());
        let plain_signatures = start.admin_plain_signatures;
        Ok(Self { registry, directory, plain_signatures, clock: start.clock.clone() })
    }

    /// The session of the request's caller, whose key and entity are active.
    ///
    /// # Errors
    /// [`api::Code::InvalidCredentials`], [`api::Code::EntityDisabled`], or the store's.
    pub async fn session(&self, request: &Request) -> Result<Session<'_>, Problem> {
        let now = self.clock.now();
        self.registry.follow_rotation(now).await?;
        let mut view = self.directory.view(now);
        let caller = api::authenticate_administrator(request, self.plain_signatures, &mut view, now).await?;
        let issuer = view.issuer()?.url.clone();
        let source_ip = api::source_ip(request).map(str::to_owned);
        Ok(Session { registry: &self.registry, caller, now, source_ip, issuer })
    }
}
