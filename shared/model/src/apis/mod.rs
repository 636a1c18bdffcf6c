//! Own APIs of a customer (A7): the audience, the scopes and the routes of an API that accepts tokens.

mod accepts;
mod api;
mod grants;
mod identifier;
mod path;
mod routes;
mod scopes;

pub use accepts::{AcceptedProjects, AcceptedProviders, AcceptedSites, Accepts, ClaimName, ContextClaims};
pub use api::{Api, ApiTokenDuration};
pub use crypto::Algorithm as TokenAlgorithm;
pub use grants::{ApiGrant, ApiGrants};
pub use identifier::ApiIdentifier;
pub use path::RoutePattern;
pub use routes::Routes;
pub use scopes::{ApiScope, ApiScopeName, ApiScopes, ScopeNames};
