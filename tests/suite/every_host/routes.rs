//! Refusals that all routes share: wrong methods, large bodies, wrong media types, unknown paths.

use reqwest::Method;
use serde_json::json;

use crate::support::world::World;

#[tokio::test]
async fn a_wrong_method_is_refused_with_allow() {
    let world = World::shared();
    let entity = format!("/admin/v1/entities/{}", world.demo.account_id);
    for (path, method, allow) in [
        (world.demo_tokens(), Method::GET, "POST"),
        ("/v1/token".to_owned(), Method::GET, "POST"),
        ("/v1/me/assertions".to_owned(), Method::POST, "GET, HEAD"),
        ("/.well-known/jwks.json".to_owned(), Method::DELETE, "GET, HEAD"),
        ("/.well-known/openid-configuration".to_owned(), Method::PUT, "GET, HEAD"),
        ("/admin/v1/entities".to_owned(), Method::DELETE, "GET, HEAD, POST"),
        (entity.clone(), Method::PUT, "GET, HEAD, PATCH, DELETE"),
        (format!("{entity}/integrations"), Method::PUT, "GET, HEAD, POST"),
        (format!("{entity}/providers"), Method::PATCH, "GET, HEAD, POST"),
        ("/admin/v1/roles".to_owned(), Method::POST, "GET, HEAD"),
        ("/admin/v1/audit-log".to_owned(), Method::POST, "GET, HEAD"),
        ("/admin/v1/notices".to_owned(), Method::DELETE, "GET, HEAD"),
    ] {
        let answer = world.call(method.clone(), &path).send().await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn an_unknown_route_is_answered_404() {
    let world = World::shared();
    for path in [
        "/",
        "/v1",
        "/v1/tokens",
        "/admin/v1",
        "/admin/v2/entities",
        "/.well-known/jwks.jsonx",
        "/v1/token/x",
    ] {
        let answer = world.get(path).send().await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_has_at_most_64_kib() {
    let world = World::shared();
    let body_with = |size: usize| format!("{{\"metadata\":{{\"k\":\"{}\"}}}}", "x".repeat(size));
    let token = async |body: String| {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key);
        call.body("application/json", body).send().await
    };
    token(body_with(65_536 - 22)).await.expect_invalid("metadata");
    token(body_with(65_536)).await.expect_problem(413, "payload_too_large");
    token(body_with(1_000_000)).await.expect_problem(413, "payload_too_large");
    let call = world.post("/v1/token").body("application/json", body_with(70_000));
    assert_eq!(call.send().await.expect(413).json["errorCode"], "payload_too_large");
}

#[tokio::test]
async fn the_admin_api_accepts_json_only() {
    let world = World::shared();
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let call =
            world.post("/admin/v1/entities").with_token_of(&world.demo.admin_key).body(media_type, "{}");
        call.send().await.expect_problem(415, "unsupported_media_type");
    }
    let call =
        world.post("/admin/v1/entities").with_token_of(&world.demo.admin_key).body_without_media_type("{}");
    call.send().await.expect_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn malformed_paths_are_answered_4xx() {
    let world = World::shared();
    let id = &world.demo.account_id;
    for path in [
        format!("/admin/v1/entities/{id}%00"),
        format!("/admin/v1/entities/%FF{id}"),
        "/admin/v1/entities/%22%3C%3E%7B%7D".to_owned(),
        format!("/admin/v1/entities/{}", "a".repeat(3000)),
        format!("/admin/v1/entities/{id}/integrations/x/keys/y/rotate"),
        format!("/v1/accounts/{id}/secure-anonymous/%E2%82%AC/tokens"),
    ] {
        for method in [Method::GET, Method::POST] {
            let (call, key) = (world.call(method.clone(), &path).json(&json!({})), &world.demo.admin_key);
            let is_admin = path.starts_with("/admin/");
            let answer = if is_admin { call.with_token_of(key) } else { call.signed(key) }.send().await;
            assert!(answer.status.is_client_error(), "{method} {path:.60}: {}", answer.status);
        }
    }
}
