//! The tenants the suite works with.

use serde::Deserialize;

use crate::support::project::Project;

/// A key as it was downloaded (K1).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Key {
    #[serde(rename = "appClientId")]
    pub(crate) id: String,
    #[serde(rename = "appClientSecret")]
    pub(crate) secret: String,
    #[serde(rename = "encodedKey")]
    pub(crate) encoded: String,
}

/// A demo tenant, read from `demo.json` as a stranger would.
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
    pub(crate) partner: Partner,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SecureAnonymous {
    pub(crate) provider_id: String,
    pub(crate) token_url: String,
}

/// What the demo project's security tokens are made with (X1); empty for other projects.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Tokens {
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
pub(crate) struct Partner {
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
