//! Requests that `cargo lambda watch` does not pass to a function as API Gateway does: it keeps only one of several
//! equal headers, and answers 500 itself to a body that is not UTF-8.

use crate::support::call::{now, signature_headers};
use crate::support::oauth::INTROSPECT;
use crate::support::partner::site_token_path;
use crate::support::world::World;

#[tokio::test]
async fn f10_a_repeated_header_is_refused() {
    let world = World::shared();
    let path = world.demo_tokens();
    let headers = signature_headers(&world.demo.api_key, now());
    world.post(&path).headers(&headers).send().await.expect(200);
    for header in headers.clone() {
        let call = world.post(&path).headers(&headers).headers(&[header]);
        call.send().await.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn f12_a_body_that_is_not_utf_8_is_refused() {
    let world = World::shared();
    for (media_type, body) in [
        ("application/json", &b"{\"first_name\":\"\xff\"}"[..]),
        ("application/x-www-form-urlencoded", b"first_name=\xff"),
    ] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key);
        call.body(media_type, body.to_vec()).send().await.expect_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn v02_a_repeated_key_header_is_refused() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let path = format!("/identity/anonymous-token?site={}&platform=iOS&deviceId=app-twice", partner.site);
    let once = world.post(&path).header("x-api-key", &partner.api_key);
    once.send().await.expect(200);
    let twice = world.post(&path).header("x-api-key", &partner.api_key);
    twice.header("x-api-key", &partner.api_key).send().await.expect(401);
}

#[tokio::test]
async fn v10_a_repeated_key_header_is_refused_at_introspection() {
    let world = World::shared();
    let partner = &world.demo.partner;
    let token = world.post(&site_token_path(&partner.site, "app-1")).header("x-api-key", &partner.api_key);
    let token = token.send().await.expect(200).text_at("authorizationToken");
    let once = world.post(INTROSPECT).header("x-api-key", &partner.api_key);
    assert!(once.form(&[("token", &*token)]).send().await.is_active());
    let twice = world.post(INTROSPECT).header("x-api-key", &partner.api_key);
    let twice = twice.header("x-api-key", &partner.api_key).form(&[("token", &*token)]);
    twice.send().await.expect_oauth_error(401, "invalid_client");
}

/// An emulated API Gateway decodes and encodes the query, which replaces bytes that are not UTF-8 by U+FFFD.
#[tokio::test]
async fn s08_a_query_that_is_not_utf_8_is_refused() {
    let world = World::shared();
    let project = world.create_project(&serde_json::json!({})).await;
    for query in ["user=%ff", "user=u&%ff=1"] {
        let answer = world.history(&project, query).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], "query", "{query}");
    }
}
