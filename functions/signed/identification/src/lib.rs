//! `POST /v2/identity`: recognises a device by its identifiers and signals (S6).

use api::http::Method;
use api::{
    BootError, Endpoint, Problem, ProjectCall, ProjectSession, Quotas, Reply, Request, SignedBackend, Start,
};
use model::{
    Access, AccessKind, ClientId, DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, Unsigned,
};
use serde::{Deserialize, Serialize};
use store::{BeforeIdentification, Refusal, StoreError, WriteError};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    backend: SignedBackend,
}

/// Optional fields may be `null`, and unknown fields are ignored: the vendor's SDKs send both.
#[derive(Deserialize)]
struct Input {
    device_id: Option<DeviceId>,
    signals: Option<Signals>,
    #[expect(dead_code, reason = "parsed so that its limits are checked")]
    device_info: Option<DeviceInfo>,
    #[expect(dead_code, reason = "parsed so that its limits are checked")]
    metadata: Option<DeviceMetadata>,
    identity_id: Option<Identity>,
}

#[derive(Serialize)]
struct Output<'a> {
    identity: &'a str,
    confidence: f64,
}

impl Endpoint for App {
    const NAME: &'static str = "identification";
    const CHALLENGE: &'static str = "Basic realm=\"tokenbooth\"";
    const CORS_METHOD: Option<Method> = Some(Method::POST);

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { backend: SignedBackend::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::POST)?;
        let session = self.backend.session::<Self>(request, ProjectCall::Identify).await?;
        let input: Input = session.json()?;
        let (identity, confidence) = self.identify(&session, &input)?;
        let access = Access {
            device: input.device_id,
            identity: Some(identity.clone()),
            confidence,
            ..session.access(AccessKind::Identify, session.unsigned_reason())
        };
        let (quotas, before) = self.take(&session, &access).await?;
        self.record(&session, &access, &before).await?;
        quotas.with_headers(api::json_reply(&Output { identity: identity.as_str(), confidence }))
    }
}

impl App {
    /// The device's identity, and the confidence in it. It comes from the vendor's identifier (1), else from the id that
    /// its app gave it (0.75), else from its other signals, which another device may share (0.5), else from the
    /// identity that it claims (0.25). Otherwise the identity is new, and the confidence 0.
    fn identify(&self, session: &ProjectSession<'_>, input: &Input) -> Result<(Identity, f64), StoreError> {
        let (devices, project) = (&self.backend.devices, session.project().id);
        let signals = input.signals.as_ref().filter(|signals| !signals.is_empty());
        if let Some(vendor) = signals.and_then(Signals::vendor_identifier) {
            return Ok((devices.identity(project, "vendor", &vendor)?, 1.0));
        }
        if let Some(device) = &input.device_id {
            return Ok((devices.identity(project, "device", &[device.as_str()])?, 0.75));
        }
        if let Some(signals) = signals {
            return Ok((devices.identity(project, "signals", &signals.parts())?, 0.5));
        }
        let is_ours = |identity: &&Identity| identity.as_str().parse::<ClientId>().is_ok();
        match input.identity_id.as_ref().filter(is_ours) {
            Some(claimed) => Ok((claimed.clone(), 0.25)),
            None => Ok((devices.new_identity()?, 0.0)),
        }
    }

    /// Takes from the rate limits, and reads what was stored before the call. A used event takes nothing: otherwise one
    /// user could use up the limit of all users with it.
    async fn take(
        &self,
        session: &ProjectSession<'_>,
        access: &Access,
    ) -> Result<(Quotas, BeforeIdentification), Problem> {
        let (devices, project) = (&self.backend.devices, session.project().id);
        let Some(event) = session.event() else {
            let quotas = session.take_for_token().await?;
            return Ok((quotas, devices.before_identification(project, None, access).await?));
        };
        let before = devices.before_identification(project, Some(event), access).await?;
        if before.is_event_used {
            return Err(session.refuse(Unsigned::SpentEvent).await);
        }
        Ok((session.take_for_event(event.id).await?, before))
    }

    /// Stores the access. Where signing is required, an event works once, even if two calls use it at the same time.
    async fn record(
        &self,
        session: &ProjectSession<'_>,
        access: &Access,
        before: &BeforeIdentification,
    ) -> Result<(), Problem> {
        let (devices, project) = (&self.backend.devices, session.project().id);
        match devices.record_identification(project, session.event(), access, before).await {
            Err(WriteError::Refused(Refusal::Replayed)) => Err(session.refuse(Unsigned::SpentEvent).await),
            stored => Ok(stored?),
        }
    }
}
