//! `GET /v1/me/assertions`: the identity in a secure anonymous token (F15).

use api::http::Method;
use api::{BootError, Clock, Endpoint, Reply, Request, Start};
use model::{EntityId, Grants, Metadata, PersonName, ProviderId};
use serde::Serialize;
use store::Directory;

/// What this endpoint needs: public keys, no secret.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

/// The claims about the user, without those about the token.
#[derive(Serialize)]
struct Output<'a> {
    sub: &'a str,
    aud: &'a str,
    anonymous: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a PersonName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a PersonName>,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Metadata>,
    provider_id: ProviderId,
    entity_id: EntityId,
    roles: &'a Grants,
    scope: &'a str,
    iat: i64,
    exp: i64,
}

impl Endpoint for App {
    const NAME: &'static str = "assertions";
    const CHALLENGE: &'static str = "Bearer realm=\"tokenbooth\"";
    const CORS_METHOD: Option<Method> = Some(Method::GET);

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.public_directory().await?, clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::require_method(request, &Method::GET)?;
        let now = self.clock.now();
        let claims = api::verify_anonymous_token(request, &mut self.directory.view(now), now).await?;
        api::json_reply(&Output {
            sub: &claims.sub,
            aud: &claims.aud,
            anonymous: claims.anonymous,
            first_name: claims.first_name.as_ref(),
            last_name: claims.last_name.as_ref(),
            email: &claims.email,
            metadata: claims.metadata.as_ref(),
            provider_id: claims.provider_id,
            entity_id: claims.entity_id,
            roles: &claims.roles,
            scope: &claims.scope,
            iat: claims.iat,
            exp: claims.exp,
        })
    }
}
