//! `GET /v1/me/assertions`: whom a secure anonymous token stands for (F15).

use api::http::Method;
use api::{BootError, Clock, Endpoint, Problem, Reply, Request, Start};
use crypto::{Algorithm, TokenType, digest_hex};
use model::{AnonymousClaims, EntityId, Grants, Metadata, PersonName, ProviderId, Timestamp};
use serde::Serialize;
use store::{Directory, Lookup};

/// What this endpoint needs: public keys, no secret.
#[derive(Debug)]
pub struct App {
    directory: Directory,
    clock: Clock,
}

/// The identity, without the claims that are about the token.
#[derive(Serialize)]
struct Output<'a> {
    sub: &'a str,
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

    async fn boot(start: &Start) -> Result<Self, BootError> {
        Ok(Self { directory: start.public_directory().await?, clock: start.clock.clone() })
    }

    async fn handle(&self, request: &Request) -> Reply {
        api::only(request, &Method::GET)?;
        let now = self.clock.now();
        let claims = self.verify(request, now).await?;
        api::json_reply(&Output {
            sub: &claims.sub,
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

impl App {
    async fn verify(&self, request: &Request, now: Timestamp) -> Result<AnonymousClaims, Problem> {
        let token = api::bearer(request).ok_or_else(|| Problem::unauthenticated("no bearer token", now))?;
        let mut view = self.directory.view(now);
        let digest = digest_hex(token.as_bytes());
        view.fetch([Lookup::Issuer, Lookup::Revocation(digest.clone())]).await?;
        let issuer = view.issuer()?;
        let keys = issuer.public_keys(now)?;
        let claims = keys.verify::<AnonymousClaims>(token, Algorithm::EdDSA, TokenType::Jwt);
        let claims = claims.map_err(|refused| Problem::unauthenticated(refused, now))?;
        claims.validate(&issuer.url, now).map_err(|rejected| Problem::unauthenticated(rejected, now))?;
        if view.is_revoked(&digest) {
            return Err(Problem::unauthenticated("revoked", now));
        }
        Ok(claims)
    }
}
