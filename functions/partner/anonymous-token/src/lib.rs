//! `POST /identity/anonymous-token`: a partner's key, a site, a platform and a device become a token for that
//! anonymous device (V1–V9).

mod asked;
mod partner;

use std::sync::Arc;

use api::http::Method;
use api::{
    Body, BootError, Clock, Code, Demand, Endpoint, Limiter, Problem, Reply, Request, Response, Start,
};
use asked::Asked;
use crypto::DataKey;
use model::{Device, DeviceClaims, Partner, RateLimit, Site, Status};
use serde::Serialize;
use store::{Directory, OpenSite};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    data_key: Arc<DataKey>,
    limiter: Limiter,
    clock: Clock,
}

/// How often a token may be had for one device, unless its partner is told otherwise (V8).
const DEVICE_LIMIT: RateLimit = RateLimit::per_minute(60);

/// How often a partner may ask in all, unless it is told otherwise (V8).
const PARTNER_LIMIT: RateLimit = RateLimit::per_minute(6000);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    authorization_token: String,
}

impl Endpoint for App {
    const NAME: &'static str = "anonymous-token";
    const CHALLENGE: &'static str = "API-Key realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let data_key = start.data_key().await?;
        let directory = start.sealed_directory(data_key.clone()).await?;
        Ok(Self { directory, data_key, limiter: start.closing_limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        get_or_post(request)?;
        let now = self.clock.now();
        let asked = Asked::read(request);
        let mut view = self.directory.view(now);
        let partner = partner::authenticated(request, asked.site.as_ref(), &mut view, now).await?;
        let open = asked.site.as_ref().and_then(|name| view.site(partner.id, name));
        may_get(request, &partner, open.map(|open| &open.site))?;
        let (open, device) = fitting(open, asked.device)?;
        let user_id = self.user_id(&open.site, &device);
        let quotas = self.limiter.take(demands(&user_id, &partner), now).await?;

        let address = api::source_ip(request).unwrap_or_default().to_owned();
        let claims = DeviceClaims::new(&view.issuer()?.url, &open.site, user_id, address, now);
        let authorization_token = crypto::sign_hs256(open.secrets.newest()?, None, &claims)?;
        tracing::info!(partner_id = %partner.id, site_id = %claims.site_id, jti = claims.jti, "issued");
        quotas.told(api::json_reply(&Output { authorization_token }))
    }

    fn refuse(problem: &Problem) -> Response<Body> {
        refuse(problem)
    }
}

impl App {
    /// Who the device is on that site (V6). The site's id stands for its name, which another partner's site may have.
    fn user_id(&self, site: &Site, device: &Device) -> String {
        let (customer, site) = (site.customer().to_string(), site.id.to_string());
        self.data_key.keyed_hash("window V user", &[&customer, &site, device.platform(), device.id()])
    }
}

/// GET may be allowed (V1); that is known once the partner is.
fn get_or_post(request: &Request) -> Result<(), Problem> {
    match *request.method() {
        Method::GET | Method::POST => Ok(()),
        _ => Err(Problem::method_not_allowed("POST")),
    }
}

/// GET is for partners and for sites that were told so (V1).
fn may_get(request: &Request, partner: &Partner, site: Option<&Site>) -> Result<(), Problem> {
    if partner.allow_get || site.is_some_and(|site| site.allow_get) {
        return Ok(());
    }
    api::only(request, &Method::POST)
}

/// The site and the device, if both are as they must be. A site that is off, or another partner's, is as good as none.
fn fitting(
    open: Option<&Arc<OpenSite>>,
    device: Option<Device>,
) -> Result<(&Arc<OpenSite>, Device), Problem> {
    let open = open.filter(|open| open.site.status == Status::Active);
    open.zip(device)
        .ok_or_else(|| Problem::new(Code::InvalidRequest, "site, platform or deviceId do not fit"))
}

/// First the device's, then the partner's, which its other devices need as well.
fn demands(user_id: &str, partner: &Partner) -> [Demand; 2] {
    [
        Demand::new(App::NAME, ("device", user_id), partner.device_rate_limit, DEVICE_LIMIT),
        Demand::new(App::NAME, ("partner", partner.id), partner.rate_limit, PARTNER_LIMIT),
    ]
}

/// The errors of window V: always exactly `{"error": "<text>"}` (V8).
fn refuse(problem: &Problem) -> Response<Body> {
    let text = match problem.code() {
        Code::InvalidRequest => "Invalid parameters",
        Code::InvalidCredentials => "Missing or invalid API key",
        Code::InternalError => "Unexpected error",
        other => other.title(),
    };
    problem.response("application/json", &serde_json::json!({ "error": text }))
}
