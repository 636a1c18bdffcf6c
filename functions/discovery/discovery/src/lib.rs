//! `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: the issuer's metadata
//! (A1, OpenID Connect Discovery 1.0, RFC 8414).

use std::collections::BTreeSet;

use api::http::Method;
use api::{BootError, Clock, Endpoint, Reply, Request, Start};
use model::{Level, Role, Scope};
use serde::Serialize;
use store::{Directory, Lookup};

/// What this endpoint needs: the issuer's URL, no secret.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

/// How clients authenticate at the OAuth endpoints (A2).
const CLIENT_AUTHENTICATION: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// The metadata, which is the same for both documents.
#[derive(Serialize)]
struct Output<'a> {
    issuer: &'a str,
    jwks_uri: String,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 2],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 3],
    scopes_supported: Vec<String>,
}

impl Endpoint for App {
    const NAME: &'static str = "discovery";

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.public_directory().await?, clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let mut view = self.directory.view(self.clock.now());
        view.fetch([Lookup::Issuer]).await?;
        let issuer = &view.issuer()?.url;
        api::cacheable(&Output {
            issuer,
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            response_types_supported: [],
            grant_types_supported: ["client_credentials"],
            token_endpoint: format!("{issuer}/oauth2/token"),
            token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            introspection_endpoint: format!("{issuer}/oauth2/introspect"),
            introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            revocation_endpoint: format!("{issuer}/oauth2/revoke"),
            revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256", "ES256", "EdDSA"],
            scopes_supported: scopes(),
        })
    }
}

/// Every scope that a client may request: for each resource all levels up to the highest one that a role has.
fn scopes() -> Vec<String> {
    let levels = [Level::Read, Level::Write, Level::WriteDelete];
    let highest = Role::ALL.into_iter().flat_map(Role::scopes).copied();
    let all = highest.flat_map(|scope| {
        levels.into_iter().map(move |level| Scope(scope.0, level)).filter(move |it| scope.covers(*it))
    });
    all.collect::<BTreeSet<_>>().iter().map(ToString::to_string).collect()
}
