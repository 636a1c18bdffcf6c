//! The demo tenants of a booth and their credentials.

use serde::Deserialize;

use crate::support::project::Project;

/// An API key in the form of its downloaded file (K1).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Key {
    #[serde(rename = "appClientId")]
    pub(crate) id: String,
    #[serde(rename = "appClientSecret")]
    pub(crate) secret: String,
    #[serde(rename = "encodedKey")]
    pub(crate) encoded: String,
}

/// A demo tenant, read from `demo.json`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tenant {
    pub(crate) url: String,
    pub(crate) customer_id: String,
    pub(crate) organization_id: String,
    pub(crate) account_id: String,
    pub(crate) api_key: Key,
    pub(crate) admin_key: Key,
    pub(crate) launchpad_key: Key,
    pub(crate) secure_anonymous: SecureAnonymous,
    pub(crate) project: Project,
    pub(crate) partner: DemoPartner,
    pub(crate) api: DemoApi,
}

/// The demo tenant's own API.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DemoApi {
    pub(crate) id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecureAnonymous {
    pub(crate) provider_id: String,
    pub(crate) token_url: String,
}

/// The demo project's settings for security tokens (X1); empty for other projects.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct TokenSettings {
    pub(crate) security_context: String,
    pub(crate) app_key: String,
    pub(crate) token_set: TokenSet,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct TokenSet {
    pub(crate) key: String,
}

/// The demo tenant's partner.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DemoPartner {
    pub(crate) api_key: String,
    pub(crate) site: String,
}

impl Tenant {
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn of(demo: &tokenbooth::Demo) -> Self {
        serde_json::from_value(serde_json::to_value(demo).expect("JSON")).expect("a tenant")
    }
}
