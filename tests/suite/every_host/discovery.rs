//! Discovery (A1).

use reqwest::Method;
use serde_json::json;

use crate::support::oauth::{INTROSPECT, REVOKE, TOKEN};
use crate::support::world::World;

const DOCUMENTS: [&str; 3] = [
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

#[tokio::test]
async fn a1_both_documents_name_the_issuer_and_the_keys() {
    let world = World::shared();
    let read = async |path| world.get(path).send().await.expect(200).json;
    let (openid, oauth) = (read(DOCUMENTS[1]).await, read(DOCUMENTS[2]).await);
    assert_eq!(openid, oauth);
    assert_eq!(openid["issuer"], *world.demo.url);
    assert!(openid["jwks_uri"].as_str().expect("a URL").ends_with(DOCUMENTS[0]));
}

#[tokio::test]
async fn a1_a2_a_client_finds_the_oauth_endpoints_and_how_to_authenticate() {
    let world = World::shared();
    let found = world.get(DOCUMENTS[2]).send().await.expect(200).json;
    let issuer = found["issuer"].as_str().expect("an issuer");
    for (name, path) in [("token", TOKEN), ("introspection", INTROSPECT), ("revocation", REVOKE)] {
        assert_eq!(found[format!("{name}_endpoint")], format!("{issuer}{path}"));
        let methods = &found[format!("{name}_endpoint_auth_methods_supported")];
        assert_eq!(*methods, json!(["client_secret_basic", "client_secret_post"]), "{name}");
    }
    assert_eq!(found["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(found["response_types_supported"], json!([]));
}

#[tokio::test]
async fn a1_the_jwks_holds_public_keys_of_both_kinds_and_nothing_private() {
    let world = World::shared();
    let jwks = world.get(DOCUMENTS[0]).send().await.expect(200);
    let keys = jwks.json["keys"].as_array().expect("keys");
    let kinds: Vec<_> = keys.iter().map(|key| key["alg"].as_str().expect("an algorithm")).collect();
    assert!(kinds.contains(&"RS256") && kinds.contains(&"EdDSA"), "{kinds:?}");
    for key in keys {
        assert_eq!(key["use"], "sig");
        assert_eq!(key["kid"].as_str().expect("a kid").len(), 43, "an RFC 7638 thumbprint");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

#[tokio::test]
async fn a1_anyone_may_read_and_cache_the_documents() {
    let world = World::shared();
    for path in DOCUMENTS {
        let answer = world.get(path).header("Origin", "https://app.example").send().await.expect(200);
        assert_eq!(answer.header("cache-control"), "public, max-age=3600", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
}

#[tokio::test]
async fn a1_head_is_answered_200_without_a_body() {
    let world = World::shared();
    for path in DOCUMENTS {
        let answer = world.call(Method::HEAD, path).send().await.expect(200);
        assert_eq!(answer.text, "", "{path}");
    }
}
