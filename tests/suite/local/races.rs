//! Concurrent requests: one succeeds, and the others are refused with the reason.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::call::{Answer, send_concurrently};
use crate::support::world::{World, options, unique};

const ENTITIES: &str = "/admin/v1/entities";

/// How often each status and code was returned.
fn count_outcomes(answers: &[Answer]) -> BTreeMap<(u16, &str), usize> {
    let mut outcomes = BTreeMap::new();
    for answer in answers {
        let code = answer.json["code"].as_str().unwrap_or_default();
        *outcomes.entry((answer.status.as_u16(), code)).or_default() += 1;
    }
    outcomes
}

#[tokio::test]
async fn a04_concurrent_creates_of_one_name_make_one_resource() {
    let world = World::own(options());
    let body = json!({ "parent_id": world.demo.organization_id, "name": "the only one" });
    let answers = send_concurrently(16, |_| {
        let (world, body) = (world.clone(), body.clone());
        async move { world.create(ENTITIES, &body).await }
    })
    .await;
    assert_eq!(count_outcomes(&answers), BTreeMap::from([((201, ""), 1), ((409, "name_taken"), 15)]));
}

#[tokio::test]
async fn f04_concurrent_creates_make_at_most_twenty_keys() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.create_integration(&account, "launchpad_user").await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = send_concurrently(25, |number| {
        let (world, path) = (world.clone(), path.clone());
        async move { world.create(&path, &json!({ "name": format!("key {number}") })).await }
    })
    .await;
    assert_eq!(count_outcomes(&answers), BTreeMap::from([((201, ""), 20), ((409, "limit_exceeded"), 5)]));
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 20);
}

#[tokio::test]
async fn a04_concurrent_creates_with_one_idempotency_key_make_one_resource() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.create_integration(&account, "launchpad_user").await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = send_concurrently(10, |_| {
        let call =
            world.post(&path).header("Idempotency-Key", "at-once").with_token_of(&world.demo.admin_key);
        call.json(&json!({ "name": "one" })).send()
    })
    .await;
    assert_eq!(count_outcomes(&answers), BTreeMap::from([((201, ""), 10)]));
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true");
    assert_eq!(replayed.count(), 9);
    assert_eq!(world.read(&path).await.expect(200).ids("client_id"), [answers[0].text_at("client_id")]);
}

#[tokio::test]
async fn a04_one_of_several_concurrent_updates_of_a_version_succeeds() {
    let world = World::own(options());
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "launchpad_user").await;
    let of_account = format!("{ENTITIES}/{account}");
    for path in [of_account.clone(), format!("{of_account}/integrations/{integration}")] {
        let tag = world.read(&path).await.expect(200).header("etag").to_owned();
        let answers = send_concurrently(12, |number| {
            let call = world.call(Method::PATCH, &path).header("If-Match", &tag);
            call.with_token_of(&world.demo.admin_key)
                .json(&json!({ "name": format!("name {number}") }))
                .send()
        });
        assert_one_succeeded(&answers.await, (200, ""), &path);
        assert_eq!(world.read(&path).await.expect(200).header("etag"), "\"2\"");
    }
}

#[tokio::test]
async fn f04_one_of_several_concurrent_rotations_of_a_key_succeeds() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.create_integration(&account, "launchpad_user").await;
    let key = world.create_key(&account, &integration).await;
    let keys = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = send_concurrently(8, |_| {
        let (world, path) = (world.clone(), format!("{keys}/{}/rotate", key.id));
        async move { world.create(&path, &json!({})).await }
    });
    assert_one_succeeded(&answers.await, (201, ""), &keys);
    assert_eq!(world.read(&keys).await.expect(200).ids("client_id").len(), 2);
}

/// Asserts one answer with the outcome `success`. All others must be conflicts.
fn assert_one_succeeded(answers: &[Answer], success: (u16, &str), what: &str) {
    let mut outcomes = count_outcomes(answers);
    assert_eq!(outcomes.remove(&success), Some(1), "{what}: {outcomes:?}");
    let is_conflict =
        |outcome: &(u16, &str)| matches!(outcome, (412, "precondition_failed") | (409, "conflict"));
    assert!(outcomes.keys().all(is_conflict), "{what}: {outcomes:?}");
}

#[tokio::test]
async fn f01_a_concurrent_create_and_delete_leave_no_orphan() {
    let world = World::own(options());
    let customer = world.demo.customer_id.clone();
    for _ in 0..8 {
        let parent = world.create_entity(&customer).await;
        let (name, id) = (unique("child"), parent.clone());
        let child = json!({ "parent_id": id, "name": name });
        assert_no_orphan(&world, &format!("{ENTITIES}/{parent}"), ENTITIES, &child, "id").await;

        let parent = world.create_entity(&customer).await;
        let of_parent = format!("{ENTITIES}/{parent}");
        let grants = json!([{ "role": "launchpad_user", "entity_id": parent }]);
        let provider = json!({ "description": "child", "token_duration": 60, "grants": grants });
        assert_no_orphan(&world, &of_parent, &format!("{of_parent}/providers"), &provider, "id").await;

        let integration = world.create_integration(&customer, "launchpad_user").await;
        let of_integration = format!("{ENTITIES}/{customer}/integrations/{integration}");
        let keys = format!("{of_integration}/keys");
        assert_no_orphan(&world, &of_integration, &keys, &json!({ "name": "child" }), "client_id").await;
    }
}

/// Deletes `parent` while `child` is created in it, and asserts that one of the two is refused.
async fn assert_no_orphan(world: &World, parent: &str, list: &str, child: &Value, id: &str) {
    let delete = async || world.delete(parent).await;
    let create = async || world.create(list, child).await;
    let (deleted, created) = tokio::join!(delete(), create());
    let code = (created.json["code"].as_str().unwrap_or_default(), deleted.json["code"].as_str());
    match (deleted.status.as_u16(), created.status.as_u16()) {
        (204, 404) => {}
        (204, 409) => assert_eq!(code.0, "conflict", "{list}"),
        (409, 201) => {
            assert!(matches!(code.1, Some("in_use" | "conflict")), "{list}: {}", deleted.text);
            world.read(&format!("{list}/{}", created.text_at(id))).await.expect(200);
            world.read(parent).await.expect(200);
        }
        _ => panic!("{list}: {} and {}", deleted.text, created.text),
    }
}
