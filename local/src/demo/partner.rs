//! The demo tenant's partner (V1–V9).

use model::{AuditAction, Entity, Partner, RateLimit, Site, SiteId, SiteName, Target, TokenDuration};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::demo::LIMIT;
use crate::deployment::{Deployment, PrepareError, parse_name};

/// The rate limit of one device. It is higher than the default.
const DEVICE_LIMIT: RateLimit = RateLimit::per_minute(600);

/// A site that allows POST only.
const SITE: &str = "demo-site";

/// The site in the examples of window V's document, which use GET (V1).
const DOCUMENTED_SITE: &str = "example-site";

/// The demo tenant's partner.
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoPartner {
    /// Its `x-api-key`.
    pub api_key: String,
    /// One of its sites.
    pub site: String,
}

impl DemoPartner {
    /// Creates a partner of `owner` with a key and two sites.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub(crate) async fn create(deployment: &Deployment, owner: &Entity) -> Result<Self, PrepareError> {
        let new = Partner::new(owner, parse_name("Demo partner")?, deployment.now());
        let partner = Partner { rate_limit: Some(LIMIT), device_rate_limit: Some(DEVICE_LIMIT), ..new };
        let target = Target::Partner(partner.id);
        let change = deployment.change(AuditAction::Create, target, owner, json!({ "name": partner.name }));
        deployment.registry.create_partner(&partner, &change).await?;
        create_site(deployment, owner, &partner, SITE, false).await?;
        create_site(deployment, owner, &partner, DOCUMENTED_SITE, true).await?;
        let api_key = create_key(deployment, owner, &partner).await?;
        Ok(Self { api_key, site: SITE.to_owned() })
    }

    /// The key as a configuration file for curl, which keeps it off the command line.
    #[must_use]
    pub fn curl(&self) -> String {
        format!("header = \"x-api-key: {}\"\n", self.api_key)
    }
}

impl std::fmt::Debug for DemoPartner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DemoPartner").field("site", &self.site).finish_non_exhaustive()
    }
}

async fn create_key(
    deployment: &Deployment,
    owner: &Entity,
    partner: &Partner,
) -> Result<String, PrepareError> {
    let registry = &deployment.registry;
    let (key, secret) = registry.new_partner_key(partner, owner, parse_name("demo")?, deployment.now())?;
    let target = Target::PartnerKey(key.id);
    let change = deployment.change(AuditAction::Create, target, owner, json!({ "name": key.name }));
    registry.create_partner_key(&key, partner, &change).await?;
    Ok(secret.reveal().to_owned())
}

async fn create_site(
    deployment: &Deployment,
    owner: &Entity,
    partner: &Partner,
    name: &str,
    allow_get: bool,
) -> Result<(), PrepareError> {
    let (registry, now) = (&deployment.registry, deployment.now());
    let name = SiteName::try_from(name.to_owned()).map_err(PrepareError::Name)?;
    let (secret, _) = registry.new_site_secret(partner.id, &name, now)?;
    let new = Site::new((SiteId::new(now), secret), partner, owner, name, TokenDuration::HOUR, now);
    let site = Site { allow_get, ..new };
    let changes = json!({ "name": site.name, "allow_get": allow_get });
    let change = deployment.change(AuditAction::Create, Target::Site(site.id), owner, changes);
    registry.create_site(&site, partner, &change).await?;
    Ok(())
}
