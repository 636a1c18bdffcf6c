//! When a write fails: nothing of it is there.

use reqwest::Method;
use serde_json::{Value, json};

use super::embedded::fragile;
use super::proxy::Fault;
use crate::support::world::{World, unique};

const THROTTLED: Fault = Fault::Refused("ThrottlingException");

/// A create of each kind: the path of its list, and the body.
fn creates(world: &World) -> [(String, Value); 3] {
    let (organization, account) = (&world.demo.organization_id, &world.demo.account_id);
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let provider = json!({ "description": "new", "token_duration": 60, "grants": grants });
    let of_account = format!("/admin/v1/entities/{account}");
    [
        ("/admin/v1/entities".to_owned(), json!({ "parent_id": organization, "name": "new" })),
        (format!("{of_account}/integrations"), json!({ "name": "new", "grants": grants })),
        (format!("{of_account}/providers"), provider),
    ]
}

/// Everything that can be listed.
async fn listed(world: &World) -> Vec<Value> {
    let account = format!("/admin/v1/entities/{}", world.demo.account_id);
    let mut lists = Vec::new();
    for path in [
        format!("/admin/v1/entities?parent_id={}", world.demo.organization_id),
        format!("{account}/integrations"),
        format!("{account}/providers"),
        "/admin/v1/audit-log".to_owned(),
    ] {
        lists.push(world.read(&path).await.expect(200).json);
    }
    lists
}

#[tokio::test]
async fn a04_a_failed_create_leaves_nothing_and_can_be_repeated() {
    let booth = fragile(0).await;
    let (world, before) = (&booth.world, listed(&booth.world).await);
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    let [entity, integration, provider] = &creates(world);
    let refused = async |(path, body): &(String, Value)| {
        let answer = world.create(path, body).await.expect_problem(503, "temporarily_unavailable");
        assert_ne!(answer.header("retry-after"), "", "{path}");
    };
    tokio::join!(refused(entity), refused(integration), refused(provider));
    let tried = booth.proxy.calls()["TransactWriteItems"];
    assert!(tried <= 9, "{tried}");
    booth.proxy.heal();
    assert_eq!(listed(world).await, before);
    for (path, body) in &creates(world) {
        world.create(path, body).await.expect(201);
    }
}

#[tokio::test]
async fn a04_a_failed_create_of_a_key_does_not_count_against_the_limit() {
    let booth = fragile(0).await;
    let (world, account) = (&booth.world, &booth.world.demo.account_id);
    let integration = world.integration(account, "launchpad_user").await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    world.create(&path, &json!({ "name": unique("key") })).await.expect(503);
    booth.proxy.heal();
    assert_eq!(world.read(&path).await.expect(200).json["items"], json!([]));
    for _ in 0..20 {
        world.key_of(account, &integration).await;
    }
    let over = world.create(&path, &json!({ "name": unique("key") })).await;
    over.expect_problem(409, "limit_exceeded");
}

#[tokio::test]
async fn a04_a_failed_update_or_delete_changes_nothing() {
    let booth = fragile(0).await;
    let world = &booth.world;
    let account = world.account().await;
    let (path, before) = (format!("/admin/v1/entities/{account}"), listed(world).await);
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    let other = json!({ "name": "other" });
    let (changed, deleted) = tokio::join!(world.change(&path, &other), world.delete(&path));
    changed.expect(503);
    deleted.expect(503);
    booth.proxy.heal();
    assert_eq!(listed(world).await, before);
    assert_eq!(world.read(&path).await.expect(200).header("etag"), "\"1\"");
    world.delete(&path).await.expect(204);
}

#[tokio::test]
async fn a04_a_create_whose_answer_is_lost_is_done_once() {
    let booth = fragile(0).await;
    let (world, name) = (&booth.world, unique("account"));
    let body = json!({ "parent_id": world.demo.organization_id, "name": name });
    booth.proxy.fail_on("TransactWriteItems", 1, Fault::AnswerLost);
    let made = world.create("/admin/v1/entities", &body).await.expect(201);
    assert_eq!(booth.proxy.calls()["TransactWriteItems"], 2);
    world.read(&format!("/admin/v1/entities/{}", made.text_at("id"))).await.expect(200);
}

#[tokio::test]
async fn a04_a_create_sent_again_after_a_503_gets_its_first_answer() {
    let booth = fragile(0).await;
    let (world, name) = (&booth.world, unique("account"));
    let body = json!({ "parent_id": world.demo.organization_id, "name": name });
    let create = async || {
        let call = world.call(Method::POST, "/admin/v1/entities").header("Idempotency-Key", "sent-again");
        call.signed(&world.demo.admin_key).json(&body).send().await
    };
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, Fault::AnswerLost);
    create().await.expect(503);
    booth.proxy.heal();
    let again = create().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    world.read(&format!("/admin/v1/entities/{}", again.text_at("id"))).await.expect(200);
}
