//! What every function of window S needs (S1, S4).

use std::sync::Arc;

use lambda_http::Request;
use model::Timestamp;
use store::{Devices, Directory, Registry, StoreError};

use crate::auth::{Denied, ProjectCaller, ProjectCredentials, Reason};
use crate::rate_limit::Limiter;
use crate::runtime::clock::Clock;
use crate::runtime::start::Start;

/// What a function of window S needs.
#[derive(Debug)]
pub struct SignedBackend {
    /// The devices of the projects' users.
    pub devices: Devices,
    directory: Directory,
    pub(crate) registry: Registry,
    pub(crate) limiter: Limiter,
    pub(super) clock: Clock,
}

/// Who may call a function of window S.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedCaller {
    /// A client of the project, with the project's client id (S5).
    Client,
    /// The project's server, with the API secret.
    Server,
    /// Both (S7).
    ClientOrServer,
}

impl AllowedCaller {
    const fn allows(self, credentials: &ProjectCredentials) -> bool {
        match self {
            Self::Client => credentials.is_client(),
            Self::Server => !credentials.is_client(),
            Self::ClientOrServer => true,
        }
    }
}

impl SignedBackend {
    /// Opens the data key, before the first request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn boot(start: &Start) -> Result<Self, StoreError> {
        let keys = start.keys().await?;
        Ok(Self {
            devices: Devices::new(start.table.clone(), Arc::clone(&keys)),
            directory: Directory::new(start.table.clone(), Arc::clone(&keys), start.cache),
            registry: Registry::new(start.table.clone(), keys),
            limiter: start.fail_closed_limiter(),
            clock: start.clock.clone(),
        })
    }

    /// Authenticates the caller for one of the projects.
    pub(super) async fn authenticate(
        &self,
        request: &Request,
        allowed: AllowedCaller,
        now: Timestamp,
    ) -> Result<ProjectCaller, Denied> {
        let credentials = ProjectCredentials::read(request, now)?;
        if !allowed.allows(&credentials) {
            return Err(Reason::Malformed("authorization").at(now));
        }
        credentials.authenticate(&mut self.directory.view(now), now).await
    }
}
