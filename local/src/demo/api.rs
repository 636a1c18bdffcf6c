//! The demo tenant's own API (A7).

use model::{
    Api, ApiGrant, ApiGrants, ApiId, ApiIdentifier, ApiScope, ApiScopes, AuditAction, Description, Entity,
    Object, Routes, ScopeNames, Target,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Refusal, WriteError};

use crate::deployment::{Deployment, PrepareError, parse_name};

/// The identifier of the first demo tenant's API.
const IDENTIFIER: &str = "https://orders.example.com";

/// The scopes and what they allow.
const SCOPES: [(&str, &str); 2] =
    [("orders:read", "Read orders"), ("orders:write", "Create and change orders")];

/// An API that the demo tenant's key gets tokens for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoApi {
    /// Its id.
    pub id: ApiId,
    /// The audience of its tokens.
    pub identifier: ApiIdentifier,
}

impl DemoApi {
    /// Creates an API of `owner`. If another demo tenant has its identifier, the identifier ends with the id of `owner`.
    pub(crate) async fn create(deployment: &Deployment, owner: &Entity) -> Result<Self, PrepareError> {
        match create(deployment, owner, IDENTIFIER.to_owned()).await {
            Err(PrepareError::Write(WriteError::Refused(Refusal::IdentifierTaken))) => {
                create(deployment, owner, format!("{IDENTIFIER}/{}", owner.id)).await
            }
            created => created,
        }
    }

    /// All scopes of the API.
    pub(crate) fn grants(&self) -> Result<ApiGrants, PrepareError> {
        let names = SCOPES.map(|(name, _)| name).join(" ");
        let scopes = ScopeNames::parse(&names).unwrap_or_default();
        ApiGrants::try_from(vec![Object(ApiGrant { api_id: self.id, scopes })]).map_err(PrepareError::Name)
    }
}

async fn create(
    deployment: &Deployment,
    owner: &Entity,
    identifier: String,
) -> Result<DemoApi, PrepareError> {
    let identifier = ApiIdentifier::try_from(identifier).map_err(PrepareError::Name)?;
    let new = Api::new(owner, identifier, parse_name("Demo API")?, deployment.now());
    let api = Api { scopes: scopes()?, routes: routes()?, ..new };
    let changes = json!({
        "name": api.name, "identifier": api.identifier, "scopes": api.scopes, "routes": api.routes,
    });
    let change = deployment.change(AuditAction::Create, Target::Api(api.id), owner, changes);
    deployment.registry.create_api(&api, &change).await?;
    Ok(DemoApi { id: api.id, identifier: api.identifier })
}

/// The routes and the scope that each needs.
fn routes() -> Result<Routes, PrepareError> {
    let route = |(route, scope): (&str, &str)| {
        Ok((route.to_owned().try_into()?, ScopeNames::parse(scope).unwrap_or_default()))
    };
    let routes = [("GET /orders", "orders:read"), ("POST /orders", "orders:write")].into_iter().map(route);
    let routes = routes.collect::<Result<Vec<_>, _>>().map_err(PrepareError::Name)?;
    Routes::try_from(routes).map_err(PrepareError::Name)
}

fn scopes() -> Result<ApiScopes, PrepareError> {
    let scope = |(name, description): (&str, &str)| {
        let (name, description) =
            (name.to_owned().try_into()?, Description::try_from(description.to_owned())?);
        Ok(Object(ApiScope { name, description: Some(description) }))
    };
    let scopes: Vec<_> =
        SCOPES.into_iter().map(scope).collect::<Result<_, _>>().map_err(PrepareError::Name)?;
    ApiScopes::try_from(scopes).map_err(PrepareError::Name)
}
