//! `GET /.well-known/oauth-protected-resource/{api_id}`: the metadata of an own API (A3, RFC 9728).

use api::http::Method;
use api::{BootError, Clock, Endpoint, Problem, Reply, Request, Start, is_api_on};
use model::{Api, ApiId};
use serde::Serialize;
use store::{Directory, Lookup, View};

/// What this endpoint needs: public data, no secret.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

/// The metadata. `jwks_uri` is left out: there it would name keys of the API itself.
#[derive(Serialize)]
struct Output<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'a str,
}

impl Endpoint for App {
    const NAME: &'static str = "protected-resource";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.public_directory().await?, clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let id = api::path_parameter(request, "api_id")?;
        let mut view = self.directory.view(self.clock.now());
        view.fetch([Lookup::Issuer, Lookup::Api(id)]).await?;
        let owners = view.api(id).map(|api| Lookup::lineage(api.entity_id, &api.ancestors));
        view.fetch(owners.unwrap_or_default()).await?;
        let api = active_api(&view, id).ok_or_else(Problem::not_found)?;
        api::cacheable(&Output {
            resource: api.identifier.as_str(),
            authorization_servers: [&view.issuer()?.url],
            scopes_supported: api.scopes.iter().map(|scope| scope.name.as_str()).collect(),
            bearer_methods_supported: ["header"],
            resource_name: api.name.as_str(),
        })
    }
}

/// The API, if it and all entities above it are active. An unknown API and one that is switched off get the same answer.
fn active_api<'v>(view: &'v View<'_>, id: ApiId) -> Option<&'v Api> {
    let api = view.api(id)?;
    view.lineage(api.entity_id).filter(|entity| is_api_on(api, entity)).map(|_| &**api)
}
