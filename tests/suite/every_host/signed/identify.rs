//! Window S: identifying devices (S6).

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::world::{World, unique};

async fn identity(world: &World, project: &Project, body: Value) -> (String, f64) {
    let answer = world.identify(project, "", &body).await.expect(200);
    assert_eq!(answer.json.as_object().expect("an object").len(), 2);
    (answer.text_at("identity"), answer.json["confidence"].as_f64().expect("a number"))
}

#[tokio::test]
async fn s06_the_same_signals_give_the_same_identity_and_confidence() {
    let world = World::shared();
    let (project, other) = (world.create_project(&json!({})).await, world.create_project(&json!({})).await);
    let vendor = json!({ "signals": { "androidVendorIdentifier": "A", "locale": "de" }, "device_id": "d" });
    let mut seen = Vec::new();
    for (case, body, confidence) in [
        ("a vendor's identifier", vendor.clone(), 1.0),
        ("the other vendor's", json!({ "signals": { "iosVendorIdentifier": "A" } }), 1.0),
        ("a device id", json!({ "device_id": "d", "signals": { "locale": "de" } }), 0.75),
        ("other signals", json!({ "signals": { "locale": "de" } }), 0.5),
    ] {
        let first = identity(&world, &project, body.clone()).await;
        assert_eq!(first.1, confidence, "{case}");
        assert_eq!(identity(&world, &project, body.clone()).await, first, "{case}");
        assert_ne!(identity(&world, &other, body).await.0, first.0, "{case}");
        seen.push(first.0);
    }
    let changed = json!({ "signals": { "androidVendorIdentifier": "A", "locale": "fr" } });
    assert_eq!(identity(&world, &project, changed).await.0, seen[0], "the vendor's identifier alone decides");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn s06_without_signals_the_identity_is_the_given_one_or_new() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let (first, confidence) = identity(&world, &project, json!({})).await;
    assert_eq!(confidence, 0.0);
    assert_ne!(identity(&world, &project, json!({ "signals": null })).await.0, first);
    let with_identity_id = identity(&world, &project, json!({ "identity_id": first })).await;
    assert_eq!(with_identity_id, (first, 0.25));
    let (_, confidence) = identity(&world, &project, json!({ "identity_id": "not-one-of-ours" })).await;
    assert_eq!(confidence, 0.0);
    world.identify(&project, "", &json!({ "identity_id": "a b" })).await.expect_invalid("identity_id");
    world.identify(&project, "", &json!({ "metadata": [1] })).await.expect_invalid("metadata");
}

#[tokio::test]
async fn s06_with_signing_required_an_event_works_once() {
    let world = World::shared();
    let (project, other) = (world.create_signing_project().await, world.create_signing_project().await);
    let event = unique("event");
    let token = project.token(&event);
    world.identify(&project, &token, &json!({})).await.expect(200);
    world.identify(&project, &token, &json!({})).await.expect_problem(401, "invalid_credentials");
    world.identify(&other, &other.token(&event), &json!({})).await.expect(200);
    world.identify(&project, &project.token(&unique("event")), &json!({})).await.expect(200);
    let notices = world.read_notices(&project.account).await;
    assert_eq!(
        notices[0]["details"],
        json!({ "call": "identification", "reason": "spent_event", "user": null })
    );
    let off = world.create_project(&json!({})).await;
    for _ in 0..2 {
        world.identify(&off, &off.token(&event), &json!({})).await.expect(200);
    }
}

#[tokio::test]
async fn s10_a_used_event_does_not_count_against_the_project_s_limit() {
    let world = World::shared();
    let limit = json!({ "requests": 3, "seconds": 86400 });
    let project = world.create_project(&json!({ "require_signed_tokens": true, "rate_limit": limit })).await;
    let identify = async |event: &str, device: usize| {
        let body = json!({ "device_id": format!("d{device}") });
        world.identify(&project, &project.token(event), &body).await
    };
    let first = identify("e", 0).await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"event\";q=5;w=60, \"project\";q=3;w=86400");
    for device in 1..8 {
        identify("e", device).await.expect_problem(401, "invalid_credentials");
    }
    for (event, status) in [("f", 200), ("g", 200), ("h", 429)] {
        assert_eq!(identify(event, 0).await.status, status, "{event}");
    }
}
