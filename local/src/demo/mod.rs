//! The demo tenant: a customer, an organization and an account, with everything that the windows need.

mod api;
mod partner;
mod project;
mod provider;

use std::path::Path;

use model::{ApiGrants, Entity, EntityId, EntityKind, KeyFile, RateLimit, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Refusal, WriteError};

use crate::deployment::{Deployment, PrepareError};
use crate::private_file;

pub use api::DemoApi;
pub use partner::DemoPartner;
pub use project::{DemoProject, DemoTokenSet};
pub use provider::DemoProvider;

/// The rate limit of the demo tenant's keys, provider and partner. It is higher than the defaults, so that tests can run.
const LIMIT: RateLimit = RateLimit::per_minute(6000);

/// The demo tenant, as written to `demo.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Demo {
    /// The booth's public URL.
    pub url: String,
    /// The customer.
    pub customer_id: EntityId,
    /// Its organization.
    pub organization_id: EntityId,
    /// The organization's account.
    pub account_id: EntityId,
    /// A key of an `account_admin` on the account.
    pub api_key: KeyFile,
    /// A key of a `customer_admin`.
    pub admin_key: KeyFile,
    /// A key of a `launchpad_user` on the account.
    pub launchpad_key: KeyFile,
    /// A provider of the account.
    pub secure_anonymous: DemoProvider,
    /// An API of the account, granted to `api_key`.
    pub api: DemoApi,
    /// A provider of renewable tokens for that API.
    pub guest: DemoProvider,
    /// A partner of the account.
    pub partner: DemoPartner,
    /// A project of the account.
    pub project: DemoProject,
}

impl Demo {
    /// The API key as a configuration file for curl, which keeps it off the command line (A2).
    #[must_use]
    pub fn curl(&self) -> String {
        let KeyFile { app_client_id, app_client_secret, .. } = &self.api_key;
        format!("user = \"{app_client_id}:{app_client_secret}\"\n")
    }

    /// Reads the demo tenant from `file`. Creates a new one if the file or the tenant does not exist.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn open(deployment: &Deployment, file: &Path, url: &str) -> Result<Self, PrepareError> {
        let stored = std::fs::read(file).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        if let Some(demo) = stored
            && deployment.registry.entity(demo.account_id).await?.is_some()
        {
            return Ok(demo.with_url(url));
        }
        Self::create(deployment, url).await
    }

    /// Creates a demo tenant.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn create(deployment: &Deployment, url: &str) -> Result<Self, PrepareError> {
        let customer = demo_customer(deployment).await?;
        let organization =
            deployment.create_entity(EntityKind::Organization, Some(&customer), "Demo organization").await?;
        let account =
            deployment.create_entity(EntityKind::Account, Some(&organization), "Demo account").await?;
        let api = DemoApi::create(deployment, &account).await?;
        let key = async |owner: &Entity, role: Role, api_grants: ApiGrants| {
            let integration = deployment.create_integration(owner, role.name(), role, api_grants).await?;
            deployment.create_key(owner, &integration, "demo", Some(LIMIT)).await
        };
        let api_key = key(&account, Role::AccountAdmin, api.grants()?).await?;
        let admin_key = key(&customer, Role::CustomerAdmin, ApiGrants::default()).await?;
        let launchpad_key = key(&account, Role::LaunchpadUser, ApiGrants::default()).await?;
        let secure_anonymous = DemoProvider::create(deployment, &account).await?;
        let guest = DemoProvider::create_for_guests(deployment, &account, &api).await?;
        let partner = DemoPartner::create(deployment, &account).await?;
        let project = DemoProject::create(deployment, &account).await?;
        let demo = Self {
            url: String::new(),
            customer_id: customer.id,
            organization_id: organization.id,
            account_id: account.id,
            api_key,
            admin_key,
            launchpad_key,
            secure_anonymous,
            api,
            guest,
            partner,
            project,
        };
        Ok(demo.with_url(url))
    }

    /// The same tenant with the URLs of a booth at `url`.
    fn with_url(mut self, url: &str) -> Self {
        self.secure_anonymous = self.secure_anonymous.with_url(url, self.account_id);
        self.guest = self.guest.with_url(url, self.account_id);
        url.clone_into(&mut self.url);
        self
    }

    /// The text of `demo.json`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", json!(self))
    }

    /// Writes it to `path`; only the owner of the file can read it.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        private_file::write(path, &self.text())
    }
}

/// Creates a customer named Demo, or Demo with the time if the name is taken.
async fn demo_customer(deployment: &Deployment) -> Result<Entity, PrepareError> {
    match deployment.create_entity(EntityKind::Customer, None, "Demo").await {
        Err(PrepareError::Write(WriteError::Refused(Refusal::NameTaken))) => {
            let name = format!("Demo {}", deployment.now());
            deployment.create_entity(EntityKind::Customer, None, &name).await
        }
        created => created,
    }
}
