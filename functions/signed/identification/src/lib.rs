//! `POST /v2/identity`: who a device is, as far as what it tells goes (S6).

use api::http::Method;
use api::{BootError, By, Endpoint, Problem, ProjectSession, Projects, Quotas, Reply, Request, Start};
use model::{
    Access, AccessKind, ClientId, DeviceId, DeviceInfo, DeviceMetadata, Identity, Signals, Unsigned,
};
use serde::{Deserialize, Serialize};
use store::{Refusal, StoreError, WriteError};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    projects: Projects,
}

/// What may be left out may be `null` as well, and what else is sent is not looked at: the vendor's SDKs do both.
#[derive(Deserialize)]
struct Input {
    device_id: Option<DeviceId>,
    signals: Option<Signals>,
    #[expect(dead_code, reason = "read, so that it is held to its bounds")]
    device_info: Option<DeviceInfo>,
    #[expect(dead_code, reason = "read, so that it is held to its bounds")]
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

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { projects: Projects::boot(start).await? })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::POST)?;
        let session = self.projects.session::<Self>(request, By::Client).await?;
        let input: Input = session.json()?;
        let (identity, confidence) = self.identified(&session, &input)?;
        let quotas = self.take(&session, &identity, confidence).await?;
        let access = Access {
            device: input.device_id,
            identity: Some(identity.clone()),
            confidence,
            ..session.access(AccessKind::Identify, session.unsigned())
        };
        self.remember(&session, &access).await?;
        quotas.told(api::json_reply(&Output { identity: identity.as_str(), confidence }))
    }
}

impl App {
    /// Who the device is, and how sure that is: what its vendor gave it, 1; the id its app gave it, 0.75; its other
    /// signals, which another device may share, 0.5; an identity it only claims, 0.25; nothing, 0 and a new identity.
    fn identified(&self, session: &ProjectSession<'_>, input: &Input) -> Result<(Identity, f64), StoreError> {
        let (devices, project) = (&self.projects.devices, session.project().id);
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
        let of_ours = |identity: &&Identity| identity.as_str().parse::<ClientId>().is_ok();
        match input.identity_id.as_ref().filter(of_ours) {
            Some(claimed) => Ok((claimed.clone(), 0.25)),
            None => Ok((devices.new_identity()?, 0.0)),
        }
    }

    /// An event that was used takes nothing: one user could use up with it what is meant for all.
    async fn take(
        &self,
        session: &ProjectSession<'_>,
        identity: &Identity,
        confidence: f64,
    ) -> Result<Quotas, Problem> {
        let Some(event) = session.event() else {
            let device = (confidence > 0.0).then_some(("device", identity.as_str()));
            return session.take(device).await;
        };
        if self.projects.devices.is_event_used(session.project().id, event.id).await? {
            return Err(session.refused(Unsigned::SpentEvent).await);
        }
        session.take_for_event(event.id).await
    }

    /// Where signing is required, an event works once, also for calls at the same moment.
    async fn remember(&self, session: &ProjectSession<'_>, access: &Access) -> Result<(), Problem> {
        match self.projects.devices.record_identification(session.project().id, session.event(), access).await
        {
            Err(WriteError::Refused(Refusal::Replayed)) => Err(session.refused(Unsigned::SpentEvent).await),
            written => Ok(written?),
        }
    }
}
