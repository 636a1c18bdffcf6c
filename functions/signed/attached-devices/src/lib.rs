//! `GET /v2/access/user/{user}/attached_devices`: lists the devices of a user (S7).

use api::http::Method;
use api::{AllowedCaller, BootError, Endpoint, Problem, Reply, Request, SignedBackend, Start};
use model::{AttachedDevice, DeviceInfo, DeviceMetadata, Moment, UserId};
use serde::Serialize;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

/// A device as the vendor's SDKs expect it: no field is `null`, and times are in UTC with milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    identity: &'a str,
    user: &'a str,
    status: &'static str,
    info: &'a DeviceInfo,
    metadata: &'a DeviceMetadata,
    created_at: Moment,
    updated_at: Moment,
}

impl Endpoint for App {
    const NAME: &'static str = "attached-devices";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\", Bearer realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let session = self.backend.session::<Self>(request, AllowedCaller::ClientOrServer).await?;
        let user: String = api::path_parameter(request, "user")?;
        let user = UserId::try_from(user).map_err(|rule| Problem::invalid("user", rule))?;
        session.check_signed_for(&user).await?;
        let quotas = session.take_for_user(user.as_str()).await?;
        let devices = self.backend.devices.list_attached(session.project().id, &user).await?;
        quotas.with_headers(api::json_reply(&devices.iter().map(Output::of).collect::<Vec<_>>()))
    }
}

impl<'a> Output<'a> {
    fn of(device: &'a AttachedDevice) -> Self {
        Self {
            id: device.id.as_str(),
            identity: device.identity.as_ref().map_or("", |identity| identity.as_str()),
            user: device.user.as_str(),
            status: "active",
            info: &device.info,
            metadata: &device.metadata,
            created_at: device.created_at.into(),
            updated_at: device.updated_at.into(),
        }
    }
}
