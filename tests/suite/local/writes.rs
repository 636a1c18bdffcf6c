//! A failed write changes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use super::embedded::booth_behind_proxy;
use super::proxy::Fault;
use crate::support::world::{World, unique};

const THROTTLED: Fault = Fault::Exception("ThrottlingException");

/// For each kind of resource: the path of its list, and the body that creates one.
fn creations(world: &World) -> [(String, Value); 3] {
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

/// All lists that a failed write could change.
async fn all_lists(world: &World) -> Vec<Value> {
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
    let booth = booth_behind_proxy(0).await;
    let (world, before) = (&booth.world, all_lists(&booth.world).await);
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    let [entity, integration, provider] = &creations(world);
    let assert_unavailable = async |(path, body): &(String, Value)| {
        let answer = world.create(path, body).await.expect_problem(503, "temporarily_unavailable");
        assert_ne!(answer.header("retry-after"), "", "{path}");
    };
    tokio::join!(assert_unavailable(entity), assert_unavailable(integration), assert_unavailable(provider));
    let attempts = booth.proxy.take_calls()["TransactWriteItems"];
    assert!(attempts <= 9, "{attempts}");
    booth.proxy.stop_failing();
    assert_eq!(all_lists(world).await, before);
    for (path, body) in &creations(world) {
        world.create(path, body).await.expect(201);
    }
}

#[tokio::test]
async fn a04_a_failed_create_of_a_key_does_not_count_against_the_limit() {
    let booth = booth_behind_proxy(0).await;
    let (world, account) = (&booth.world, &booth.world.demo.account_id);
    let integration = world.create_integration(account, "launchpad_user").await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    world.create(&path, &json!({ "name": unique("key") })).await.expect(503);
    booth.proxy.stop_failing();
    assert_eq!(world.read(&path).await.expect(200).json["items"], json!([]));
    for _ in 0..20 {
        world.create_key(account, &integration).await;
    }
    let over = world.create(&path, &json!({ "name": unique("key") })).await;
    over.expect_problem(409, "limit_exceeded");
}

#[tokio::test]
async fn a04_a_failed_update_or_delete_changes_nothing() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let account = world.create_account().await;
    let (path, before) = (format!("/admin/v1/entities/{account}"), all_lists(world).await);
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, THROTTLED);
    let other = json!({ "name": "other" });
    let (changed, deleted) = tokio::join!(world.change(&path, &other), world.delete(&path));
    changed.expect(503);
    deleted.expect(503);
    booth.proxy.stop_failing();
    assert_eq!(all_lists(world).await, before);
    assert_eq!(world.read(&path).await.expect(200).header("etag"), "\"1\"");
    world.delete(&path).await.expect(204);
}

#[tokio::test]
async fn a04_a_create_whose_answer_is_lost_is_done_once() {
    let booth = booth_behind_proxy(0).await;
    let (world, name) = (&booth.world, unique("account"));
    let body = json!({ "parent_id": world.demo.organization_id, "name": name });
    booth.proxy.fail_on("TransactWriteItems", 1, Fault::ResponseLost);
    let created = world.create("/admin/v1/entities", &body).await.expect(201);
    assert_eq!(booth.proxy.take_calls()["TransactWriteItems"], 2);
    world.read(&format!("/admin/v1/entities/{}", created.text_at("id"))).await.expect(200);
}

#[tokio::test]
async fn a04_a_create_sent_again_after_a_503_gets_its_first_answer() {
    let booth = booth_behind_proxy(0).await;
    let (world, name) = (&booth.world, unique("account"));
    let body = json!({ "parent_id": world.demo.organization_id, "name": name });
    let create = async || {
        let call = world.call(Method::POST, "/admin/v1/entities").header("Idempotency-Key", "sent-again");
        call.with_token_of(&world.demo.admin_key).json(&body).send().await
    };
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, Fault::ResponseLost);
    create().await.expect(503);
    booth.proxy.stop_failing();
    let again = create().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    world.read(&format!("/admin/v1/entities/{}", again.text_at("id"))).await.expect(200);
}
