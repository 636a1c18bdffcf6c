//! Callers at the same moment: one wins, and the others hear what happened.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::call::Answer;
use crate::support::world::{World, options, unique};

const ENTITIES: &str = "/admin/v1/entities";

/// The answers to `times` calls at once; `ask` gets each one's number.
async fn at_once<F>(world: &World, times: usize, ask: impl Fn(World, usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let calls: JoinSet<Answer> = (0..times).map(|number| ask(world.clone(), number)).collect();
    calls.join_all().await
}

/// How often each status and code was answered.
fn outcomes(answers: &[Answer]) -> BTreeMap<(u16, &str), usize> {
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
    let answers = at_once(&world, 16, |world, _| {
        let body = body.clone();
        async move { world.create(ENTITIES, &body).await }
    });
    let answers = answers.await;
    assert_eq!(outcomes(&answers), BTreeMap::from([((201, ""), 1), ((409, "name_taken"), 15)]));
}

#[tokio::test]
async fn f04_concurrent_creates_make_at_most_twenty_keys() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.integration(&account, "launchpad_user").await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = at_once(&world, 25, |world, number| {
        let path = path.clone();
        async move { world.create(&path, &json!({ "name": format!("key {number}") })).await }
    });
    let answers = answers.await;
    assert_eq!(outcomes(&answers), BTreeMap::from([((201, ""), 20), ((409, "limit_exceeded"), 5)]));
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 20);
}

#[tokio::test]
async fn a04_concurrent_creates_with_one_idempotency_key_make_one_resource() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.integration(&account, "launchpad_user").await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = at_once(&world, 10, |world, _| {
        let call = world.post(&path).header("Idempotency-Key", "at-once").signed(&world.demo.admin_key);
        let call = call.json(&json!({ "name": "one" }));
        async move { call.send().await }
    });
    let answers = answers.await;
    assert_eq!(outcomes(&answers), BTreeMap::from([((201, ""), 10)]));
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true");
    assert_eq!(replayed.count(), 9);
    assert_eq!(world.read(&path).await.expect(200).ids("client_id"), [answers[0].text_at("client_id")]);
}

#[tokio::test]
async fn a04_one_of_several_concurrent_updates_of_a_version_succeeds() {
    let world = World::own(options());
    let account = world.account().await;
    let integration = world.integration(&account, "launchpad_user").await;
    let of_account = format!("{ENTITIES}/{account}");
    for path in [of_account.clone(), format!("{of_account}/integrations/{integration}")] {
        let tag = world.read(&path).await.expect(200).header("etag").to_owned();
        let answers = at_once(&world, 12, |world, number| {
            let call = world.call(Method::PATCH, &path).header("If-Match", &tag);
            let call = call.signed(&world.demo.admin_key).json(&json!({ "name": format!("name {number}") }));
            async move { call.send().await }
        });
        one_went_through(&answers.await, (200, ""), &path);
        assert_eq!(world.read(&path).await.expect(200).header("etag"), "\"2\"");
    }
}

#[tokio::test]
async fn f04_one_of_several_concurrent_rotations_of_a_key_succeeds() {
    let world = World::own(options());
    let account = world.demo.account_id.clone();
    let integration = world.integration(&account, "launchpad_user").await;
    let key = world.key_of(&account, &integration).await;
    let keys = format!("{ENTITIES}/{account}/integrations/{integration}/keys");
    let answers = at_once(&world, 8, |world, _| {
        let path = format!("{keys}/{}/rotate", key.id);
        async move { world.create(&path, &json!({})).await }
    });
    one_went_through(&answers.await, (201, ""), &keys);
    assert_eq!(world.read(&keys).await.expect(200).ids("client_id").len(), 2);
}

/// One `won`, and the others hear that they came too late.
fn one_went_through(answers: &[Answer], won: (u16, &str), what: &str) {
    let mut outcomes = outcomes(answers);
    assert_eq!(outcomes.remove(&won), Some(1), "{what}: {outcomes:?}");
    let late = |outcome: &(u16, &str)| matches!(outcome, (412, "precondition_failed") | (409, "conflict"));
    assert!(outcomes.keys().all(late), "{what}: {outcomes:?}");
}

#[tokio::test]
async fn f01_a_concurrent_create_and_delete_leave_no_orphan() {
    let world = World::own(options());
    let customer = world.demo.customer_id.clone();
    for _ in 0..8 {
        let parent = world.entity(&customer).await;
        let (name, id) = (unique("child"), parent.clone());
        let child = json!({ "parent_id": id, "name": name });
        orphanless(&world, &format!("{ENTITIES}/{parent}"), ENTITIES, &child, "id").await;

        let parent = world.entity(&customer).await;
        let of_parent = format!("{ENTITIES}/{parent}");
        let grants = json!([{ "role": "launchpad_user", "entity_id": parent }]);
        let provider = json!({ "description": "child", "token_duration": 60, "grants": grants });
        orphanless(&world, &of_parent, &format!("{of_parent}/providers"), &provider, "id").await;

        let integration = world.integration(&customer, "launchpad_user").await;
        let of_integration = format!("{ENTITIES}/{customer}/integrations/{integration}");
        let keys = format!("{of_integration}/keys");
        orphanless(&world, &of_integration, &keys, &json!({ "name": "child" }), "client_id").await;
    }
}

/// Deletes `parent` while `child` is made in it: one of the two is refused.
async fn orphanless(world: &World, parent: &str, list: &str, child: &Value, id: &str) {
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
