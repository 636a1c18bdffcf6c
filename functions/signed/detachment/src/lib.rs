//! `POST /v2/access/detach`: a device is its user's no more (S7).

use api::http::Method;
use api::{BootError, By, Endpoint, Projects, Reply, Request, Start};
use model::{Access, AccessKind, DeviceId, UserId};
use serde::Deserialize;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    projects: Projects,
}

#[derive(Deserialize)]
struct Input {
    device: DeviceId,
    user: UserId,
}

impl Endpoint for App {
    const NAME: &'static str = "detachment";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\", Bearer realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { projects: Projects::boot(start).await? })
    }

    /// A device that was not the user's is none of theirs afterwards either: nothing is changed, and nothing remembered.
    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let session = self.projects.session::<Self>(request, By::Either).await?;
        let Input { device, user } = session.json()?;
        let unsigned = session.unsigned_for(&user).await?;
        let quotas = session.take(Some(("user", user.as_str()))).await?;
        let access = Access {
            device: Some(device.clone()),
            user: Some(user.clone()),
            ..session.access(AccessKind::Detach, unsigned)
        };
        self.projects.devices.detach(session.project().id, (&user, &device), &access).await?;
        quotas.told(session.attached(&device, &user).await)
    }
}
