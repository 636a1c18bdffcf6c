//! Verification of tokens as a relying party does it: with the booth's JWKS and a JWT library.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::Value;

use crate::support::world::World;

/// Verifies `token`, whose audience is the booth, with the published JWKS and returns its header and claims.
pub(crate) async fn verified(world: &World, token: &str, algorithm: Algorithm) -> (Header, Value) {
    verified_for(world, token, algorithm, None).await
}

/// The same for this audience. `None`: the booth.
pub(crate) async fn verified_for(
    world: &World,
    token: &str,
    algorithm: Algorithm,
    audience: Option<&str>,
) -> (Header, Value) {
    let discovery = world.get("/.well-known/openid-configuration").send().await.expect(200);
    let issuer = discovery.text_at("issuer");
    assert_eq!(discovery.text_at("jwks_uri"), format!("{issuer}/.well-known/jwks.json"));
    let response = world.get("/.well-known/jwks.json").send().await.expect(200);
    let jwks: JwkSet = serde_json::from_value(response.json).expect("a JWKS");

    let kid = decode_header(token).expect("a header").kid.expect("a kid");
    let key = DecodingKey::from_jwk(jwks.find(&kid).expect("a published key")).expect("a key");
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&issuer]);
    validation.set_audience(&[audience.unwrap_or(&issuer)]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    validation.leeway = 5;
    let verified = decode::<Value>(token, &key, &validation).expect("a valid token");
    (verified.header, verified.claims)
}
