//! `POST /v2/access`: attaches a device to a user (S5).

use api::http::Method;
use api::{BootError, Endpoint, Problem, ProjectCall, ProjectSession, Reply, Request, SignedBackend, Start};
use model::{
    Access, AccessKind, DeviceId, DeviceInfo, DeviceMetadata, DeviceReport, Identity, Signals, UserId,
};
use serde::Deserialize;
use store::StoreError;

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

/// Optional fields may be `null`, and unknown fields are ignored: the vendor's SDKs send both.
#[derive(Deserialize)]
struct Input {
    user: UserId,
    device_id: Option<DeviceId>,
    signals: Option<Signals>,
    device_info: Option<DeviceInfo>,
    metadata: Option<DeviceMetadata>,
    identity: Option<Identity>,
}

impl Endpoint for App {
    const NAME: &'static str = "attachment";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\"";
    const CORS_METHOD: Option<Method> = Some(Method::POST);

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let session = self.backend.session::<Self>(request, ProjectCall::Attach).await?;
        let input: Input = session.json()?;
        let unsigned = session.check_signed_for(&input.user).await?;
        if input.user.is_dot_segment() {
            return Err(Problem::invalid("user", "must not be . or .., which a URL's path cannot contain"));
        }
        let quotas = session.take_for_user(input.user.as_str(), unsigned).await?;
        let report = self.device_report(&session, input)?;
        let access = Access {
            device: Some(report.id.clone()),
            user: Some(report.user.clone()),
            identity: report.identity.clone(),
            ..session.access(AccessKind::Attach, unsigned)
        };
        let attached = self.backend.devices.attach(session.project(), &report, &access).await?;
        quotas.with_headers(session.attachment_reply(&report.id, attached))
    }
}

impl App {
    /// The device of the call: the one it names, else the one that its signals belong to, else a new one.
    fn device_report(&self, session: &ProjectSession<'_>, input: Input) -> Result<DeviceReport, StoreError> {
        let signals = input.signals.filter(|signals| !signals.is_empty());
        let id = match (input.device_id, &signals) {
            (Some(id), _) => id,
            (None, Some(signals)) => {
                self.backend.devices.device_id_for_signals(session.project().id, &input.user, signals)?
            }
            (None, None) => self.backend.devices.new_device_id()?,
        };
        Ok(DeviceReport {
            id,
            user: input.user,
            identity: input.identity,
            info: input.device_info,
            metadata: input.metadata.filter(|metadata| !metadata.is_empty()),
            signals,
        })
    }
}
