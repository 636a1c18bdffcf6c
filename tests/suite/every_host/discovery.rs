//! Discovery (A1).

use model::Timestamp;
use reqwest::Method;
use serde_json::json;
use verifier::{Algorithm, Claims, HttpKeys, KeyBounds, Settings, Verifier};

use crate::support::api::OwnApi;
use crate::support::call::now;
use crate::support::oauth::{INTROSPECT, REVOKE, TOKEN};
use crate::support::world::{World, unique};

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

/// The path of an API's metadata.
fn metadata_path(api: &str) -> String {
    format!("/.well-known/oauth-protected-resource/{api}")
}

#[tokio::test]
async fn a3_anyone_reads_the_metadata_of_an_api() {
    let world = World::shared();
    let name = unique("API");
    let api = OwnApi::new(&world, &world.create_account().await, json!({ "name": name })).await;
    let answer = world.get(&metadata_path(&api.id)).send().await.expect(200);
    let expected = json!({
        "resource": api.identifier, "authorization_servers": [world.demo.url],
        "scopes_supported": ["orders:read", "orders:write"], "bearer_methods_supported": ["header"],
        "resource_name": name,
    });
    assert_eq!(answer.json, expected);
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a3_the_metadata_of_an_unknown_and_of_a_disabled_api_are_the_same_404() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let read = async |id: &str| world.get(&metadata_path(id)).send().await;
    let unknown = read("api-00000000-0000-7000-8000-000000000000").await.expect_problem(404, "not_found");
    let malformed = read("x").await.expect_problem(404, "not_found");
    assert_eq!(unknown.json, malformed.json);
    for path in [api.path.clone(), format!("/admin/v1/entities/{account}")] {
        read(&api.id).await.expect(200);
        world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
        let disabled = world.wait_for_status(404, async || read(&api.id).await).await;
        assert_eq!(disabled.json, unknown.json, "{path}");
        world.change(&path, &json!({ "status": "active" })).await.expect(200);
        world.wait_for_status(200, async || read(&api.id).await).await;
    }
}

#[tokio::test]
async fn a3_a_program_outside_verifies_a_token_of_an_api_with_the_published_keys() {
    let world = World::shared();
    let account = world.create_account().await;
    for algorithm in [Algorithm::RS256, Algorithm::EdDSA] {
        let api = OwnApi::new(&world, &account, json!({ "algorithm": algorithm.name() })).await;
        let (_, key) = api.grant(&world, &account, "orders:read").await;
        let token = api.token(&world, &key).await;
        let settings = Settings::new(&world.demo.url, &api.identifier, algorithm).expect("settings");
        // Some hosts are reached at another URL than their public one.
        let keys = HttpKeys::at(&format!("{}{}", world.url, DOCUMENTS[0])).expect("a client");
        let verifier = Verifier::new(settings, keys, KeyBounds::default());
        let now = Timestamp::from_second(now()).expect("a time within bounds");
        let claims: Claims = verifier.verify(&token, now).await.expect("verified");
        assert_eq!(claims.sub, key.id);
        assert!(claims.scope.contain(["orders:read"]));
        assert_eq!(claims.entity_path.last(), Some(&account));
    }
}
