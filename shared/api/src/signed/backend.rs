//! What every function of window S needs (S1, S4).

use std::sync::Arc;

use lambda_http::Request;
use model::{Project, Timestamp, TokenPurpose, Unsigned};
use store::{Devices, Directory, Registry, StoreError};

use crate::auth::{Denied, ProjectCaller, ProjectCredentials, ProjectProof, Reason};
use crate::cors::require_allowed_origin;
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

/// A kind of call. It decides who may make the call, and whether the call must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectCall {
    /// A client attaches a device, with the project's client id (S5).
    Attach,
    /// A client identifies a device, with the project's client id (S6).
    Identify,
    /// A client or the project's server lists or detaches the devices of a user (S7).
    ManageDevices,
    /// The project's server calls, with the API secret.
    ByServer,
}

impl ProjectCall {
    const fn allows(self, credentials: &ProjectCredentials) -> bool {
        match self {
            Self::Attach | Self::Identify => credentials.is_client(),
            Self::ByServer => !credentials.is_client(),
            Self::ManageDevices => true,
        }
    }

    /// Whether the call must be signed for `project` (S1, S11).
    pub(super) const fn requires_signature(self, project: &Project) -> bool {
        match self {
            Self::Attach | Self::Identify | Self::ByServer => project.require_signed_tokens,
            Self::ManageDevices => project.require_signed_tokens || !project.unsigned_device_management,
        }
    }

    /// Whether a token for `purpose` proves anything for this call (S12).
    const fn accepts(self, purpose: Option<TokenPurpose>) -> bool {
        match (self, purpose) {
            (_, None)
            | (Self::Attach | Self::ManageDevices, Some(TokenPurpose::Attach))
            | (Self::Identify, Some(TokenPurpose::Identify)) => true,
            (_, Some(_)) => false,
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

    /// Authenticates the caller for one of the projects. A page must be of an origin that the project allows (A9). A token
    /// for another kind of call proves nothing.
    pub(super) async fn authenticate(
        &self,
        request: &Request,
        call: ProjectCall,
        now: Timestamp,
    ) -> Result<ProjectCaller, Denied> {
        let credentials = ProjectCredentials::read(request, now)?;
        if !call.allows(&credentials) {
            return Err(Reason::Malformed("authorization").at(now));
        }
        let named = credentials.find_project(&mut self.directory.view(now)).await?;
        require_allowed_origin(request, named.as_ref().map(|it| &it.project().allowed_origins))?;
        let mut caller = named.ok_or(Reason::Unknown.at(now))?.authenticate(now)?;
        if let ProjectProof::Signed(claims) = &caller.proof
            && !call.accepts(claims.purpose)
        {
            caller.proof = ProjectProof::Unsigned(Unsigned::OtherPurpose, Some(claims.clone()));
        }
        Ok(caller)
    }
}
