//! What reaches a function as API Gateway hands it over, which `cargo lambda watch` does otherwise: it keeps one of
//! several equal headers, and answers 500 itself to a body that is no text.

use crate::support::call::{now, sign};
use crate::support::world::World;

#[tokio::test]
async fn f10_a_repeated_header_is_refused() {
    let world = World::shared();
    let (id, at, path) = (world.demo.api_key.id.clone(), now().to_string(), world.demo_tokens());
    let signature = sign(&world.demo.api_key.secret, &at, &id);
    let whole = [("X-Frame-ClientId", id), ("X-Frame-Timestamp", at), ("X-Frame-Signature", signature)];
    let send = async |headers: &[(&str, String)]| {
        let call = headers.iter().fold(world.post(&path), |call, (name, value)| call.header(name, value));
        call.send().await
    };
    send(&whole).await.expect(200);
    for at in 0..whole.len() {
        let mut twice = whole.to_vec();
        twice.push(whole[at].clone());
        send(&twice).await.expect_problem(401, "invalid_credentials");
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

/// An emulated API Gateway reads a query and writes it again, and what is no text becomes U+FFFD on the way.
#[tokio::test]
async fn s08_a_query_that_is_not_utf_8_is_refused() {
    let world = World::shared();
    let project = world.project(&serde_json::json!({})).await;
    for query in ["user=%ff", "user=u&%ff=1"] {
        let answer = world.history(&project, query).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], "query", "{query}");
    }
}
