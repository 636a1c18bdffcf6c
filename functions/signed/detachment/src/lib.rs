//! `POST /v2/access/detach`: detaches a device from its user (S7).

use api::http::Method;
use api::{BootError, Endpoint, ProjectCall, Reply, Request, SignedBackend, Start};
use model::{Access, AccessKind, DeviceId, UserId};
use serde::Deserialize;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

#[derive(Deserialize)]
struct Input {
    device: DeviceId,
    user: UserId,
}

impl Endpoint for App {
    const NAME: &'static str = "detachment";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\", Bearer realm=\"tokenbooth\"";
    const CORS_METHOD: Option<Method> = Some(Method::POST);

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    /// Detaching a device that is not attached to the user succeeds, changes nothing and leaves no history.
    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let session = self.backend.session::<Self>(request, ProjectCall::ManageDevices).await?;
        let Input { device, user } = session.json()?;
        let unsigned = session.check_signed_for(&user).await?;
        let quotas = session.take_for_user(user.as_str(), unsigned).await?;
        let access = Access {
            device: Some(device.clone()),
            user: Some(user.clone()),
            ..session.access(AccessKind::Detach, unsigned)
        };
        let attached = self.backend.devices.detach(session.project().id, (&user, &device), &access).await?;
        quotas.with_headers(session.attachment_reply(&device, attached))
    }
}
