//! The demo tenant's providers of secure anonymous tokens (F7, F18).

use model::{
    AuditAction, Description, Entity, Grant, Grants, Provider, ProviderId, Role, ScopeNames, Target,
    TokenDuration, token_path,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::demo::{DemoApi, LIMIT};
use crate::deployment::{Deployment, PrepareError};

/// One of the demo tenant's providers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoProvider {
    /// Its id.
    pub provider_id: ProviderId,
    /// The URL that issues its tokens (F9).
    pub token_url: String,
}

/// The scope of the guests in tokens for the demo API.
const GUEST_SCOPE: &str = "orders:read";

impl DemoProvider {
    /// Creates a provider whose tokens are for the booth and live for an hour.
    pub(super) async fn create(deployment: &Deployment, account: &Entity) -> Result<Self, PrepareError> {
        store(deployment, account, new(deployment, account, "Demo provider", 3600.0)?).await
    }

    /// Creates a provider for guests of the demo API. Its tokens live for 15 minutes and can be renewed.
    pub(super) async fn create_for_guests(
        deployment: &Deployment,
        account: &Entity,
        api: &DemoApi,
    ) -> Result<Self, PrepareError> {
        let scopes = ScopeNames::parse(GUEST_SCOPE).unwrap_or_default();
        let new = new(deployment, account, "Demo guests", 900.0)?;
        let provider = Provider { api_id: Some(api.id), scopes, renewable: true, ..new };
        store(deployment, account, provider).await
    }

    /// The same provider of `account` with its URL at a booth at `url`.
    pub(super) fn with_url(self, url: &str, account: model::EntityId) -> Self {
        Self { token_url: format!("{url}{}", token_path(account, self.provider_id)), ..self }
    }
}

fn new(
    deployment: &Deployment,
    account: &Entity,
    text: &str,
    seconds: f64,
) -> Result<Provider, PrepareError> {
    let description = Description::try_from(text.to_owned()).map_err(PrepareError::Name)?;
    let duration = TokenDuration::try_from(seconds).map_err(PrepareError::Name)?;
    let grants = Grants::try_from(vec![Grant { role: Role::LaunchpadUser, entity_id: account.id }])?;
    let new = Provider::new(account, description, duration, grants, deployment.now());
    Ok(Provider { rate_limit: Some(LIMIT), ..new })
}

async fn store(
    deployment: &Deployment,
    account: &Entity,
    provider: Provider,
) -> Result<DemoProvider, PrepareError> {
    let changes = json!({ "description": provider.description, "grants": provider.grants });
    let change = deployment.change(AuditAction::Create, Target::Provider(provider.id), account, changes);
    deployment.registry.create_provider(&provider, &change).await?;
    Ok(DemoProvider { provider_id: provider.id, token_url: String::new() })
}
