//! `POST /identity/anonymous-token`: issues a token for an anonymous device of a partner's site (V1–V10).

mod wire;

use std::sync::Arc;

use api::http::Method;
use api::{
    BootError, BucketKind, BucketRequest, Clock, Code, Endpoint, ErrorResponse, Limiter, Problem, Reply,
    Request, Start,
};
use model::{Device, DeviceClaims, Partner, PartnerKey, RateLimit, Site, Status};
use store::{DeploymentKeys, Directory, Lookup, OpenSite, View};
use wire::{Input, Output};

/// What this endpoint needs.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    keys: Arc<DeploymentKeys>,
    limiter: Limiter,
    clock: Clock,
}

/// The rate limit of one device, unless its partner has set another (V8).
const DEVICE_LIMIT: RateLimit = RateLimit::per_minute(60);

/// The rate limit of a partner that has none of its own (V8).
const PARTNER_LIMIT: RateLimit = RateLimit::per_minute(6000);

impl Endpoint for App {
    const NAME: &'static str = "anonymous-token";
    const CHALLENGE: &'static str = "API-Key realm=\"tokenbooth\"";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        let directory = start.sealed_directory().await?;
        let keys = directory.keys()?.clone();
        Ok(Self { directory, keys, limiter: start.fail_closed_limiter(), clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        require_get_or_post(request)?;
        let now = self.clock.now();
        let input = Input::read(request);
        let mut view = self.directory.view(now);
        let named_site = |key: &PartnerKey| Some(Lookup::Site(key.partner_id, input.site.clone().ok()?));
        let second = |_: &View<'_>, key: &PartnerKey| named_site(key).into_iter().collect();
        let partner = api::authenticate_partner(request, &mut view, [Lookup::Issuer], second, now).await?;
        let open = site(&input, &partner, &view);
        require_allowed_method(request, &partner, open.as_ref().ok().map(|open| &open.site))?;
        let open = require_active(open).map_err(invalid_parameters)?;
        let device = input.device.map_err(invalid_parameters)?;
        let user_id = self.user_id(&open.site, &device);
        let quotas = self.limiter.take(bucket_requests(&user_id, &partner)).await?;

        let address = caller_address(request, &partner);
        let claims = DeviceClaims::new(&view.issuer()?.url, &open.site, user_id, address, now);
        let authorization_token = crypto::sign_hs256(open.secrets.newest()?, None, &claims)?;
        tracing::info!(
            target: api::LOG_TARGET,
            partner_id = %partner.id, site_id = %claims.site_id, jti = claims.jti, "issued"
        );
        quotas.with_headers(api::json_reply(&Output { authorization_token }))
    }

    fn refuse(problem: &Problem) -> ErrorResponse {
        wire::refuse(problem)
    }
}

impl App {
    /// The id of the device's user on that site (V6). It depends on the site's id rather than its name, because a site
    /// of another partner may have the same name.
    fn user_id(&self, site: &Site, device: &Device) -> String {
        let (customer, site) = (site.customer().to_string(), site.id.to_string());
        self.keys.hash_key().keyed_hash("window V user", &[&customer, &site, device.platform(), device.id()])
    }
}

/// Refuses all methods except GET and POST. Whether GET is allowed depends on the partner, which is not known yet (V1).
fn require_get_or_post(request: &Request) -> Result<(), Problem> {
    match *request.method() {
        Method::GET | Method::POST => Ok(()),
        _ => Err(Problem::method_not_allowed("POST")),
    }
}

/// Refuses GET unless the partner or the site allows it (V1).
fn require_allowed_method(request: &Request, partner: &Partner, site: Option<&Site>) -> Result<(), Problem> {
    if partner.allow_get || site.is_some_and(|site| site.allow_get) {
        return Ok(());
    }
    api::require_method(request, &Method::POST)
}

/// The partner's site that the query names.
fn site<'v>(input: &Input, partner: &Partner, view: &'v View<'_>) -> Result<&'v Arc<OpenSite>, String> {
    let name = input.site.as_ref().map_err(Clone::clone)?;
    view.site(partner.id, name).ok_or_else(|| "site: is no site of this partner".to_owned())
}

fn require_active(site: Result<&Arc<OpenSite>, String>) -> Result<&Arc<OpenSite>, String> {
    let open = site?;
    if open.site.status == Status::Active { Ok(open) } else { Err("site: is disabled".to_owned()) }
}

/// The response says only that the parameters are wrong (V3). The log shows `reason`.
fn invalid_parameters(reason: String) -> Problem {
    Problem::new(Code::InvalidRequest, "site, platform or deviceId is wrong").caused_by(reason)
}

/// The address of the caller (V7). A trusted forwarder names the address of its own caller (V10).
fn caller_address(request: &Request, partner: &Partner) -> String {
    let forwarded = partner.trusted_forwarder.then(|| api::forwarded_address(request)).flatten();
    forwarded.unwrap_or_else(|| api::source_ip(request).unwrap_or_default().to_owned())
}

/// First the device's bucket, then the partner's, which all its devices share.
fn bucket_requests(user_id: &str, partner: &Partner) -> [BucketRequest; 2] {
    let device_limit = partner.device_rate_limit.unwrap_or(DEVICE_LIMIT);
    let partner_limit = partner.rate_limit.unwrap_or(PARTNER_LIMIT);
    [
        BucketRequest::new(App::NAME, BucketKind::Device, user_id, device_limit),
        BucketRequest::new(App::NAME, BucketKind::Partner, partner.id, partner_limit),
    ]
}
