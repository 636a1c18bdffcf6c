//! A change conflicts with another change between its read and its write.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::embedded::{ProxiedBooth, booth_behind_proxy};
use super::proxy::Fault;
use crate::support::call::{Answer, Call};
use crate::support::world::unique;

const ENTITIES: &str = "/admin/v1/entities";
const CONFLICT: (u16, &str) = (409, "conflict");
const IN_USE: (u16, &str) = (409, "in_use");

/// A request of the demo customer's administrator.
fn call(booth: &ProxiedBooth, method: Method, path: &str) -> Call {
    booth.world.call(method, path).with_token_of(&booth.world.demo.admin_key)
}

/// Sends `slow` and delays its write until `quick` is finished with `quick_status`. Returns the response to `slow`.
pub(super) async fn send_around(booth: &ProxiedBooth, slow: Call, quick: Call, quick_status: u16) -> Answer {
    booth.proxy.take_calls();
    booth.proxy.fail_on("TransactWriteItems", 1, Fault::Delayed);
    let slow_response = tokio::spawn(slow.send());
    while !booth.proxy.take_calls().contains_key("TransactWriteItems") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    quick.send().await.expect(quick_status);
    assert!(!slow_response.is_finished(), "the quick request was not finished first");
    slow_response.await.expect("a response")
}

/// For each kind of parent: its path, the list of its children, and the body that creates a child.
async fn parents_and_children(booth: &ProxiedBooth) -> Vec<(String, String, Value)> {
    let (world, customer) = (&booth.world, &booth.world.demo.customer_id);
    let parents = [
        world.create_entity(customer).await,
        world.create_entity(customer).await,
        world.create_entity(customer).await,
    ];
    let [one, two, three] = &parents;
    let grants = |id| json!([{ "role": "launchpad_user", "entity_id": id }]);
    let integration = world.create_integration(customer, "launchpad_user").await;
    let of_integration = format!("{ENTITIES}/{customer}/integrations/{integration}");
    let provider = json!({ "description": "child", "token_duration": 60, "grants": grants(two) });
    let of = |id: &str| format!("{ENTITIES}/{id}");
    vec![
        (of(one), ENTITIES.to_owned(), json!({ "parent_id": one, "name": "child" })),
        (of(two), format!("{}/providers", of(two)), provider),
        (
            of(three),
            format!("{}/integrations", of(three)),
            json!({ "name": "child", "grants": grants(three) }),
        ),
        (of_integration.clone(), format!("{of_integration}/keys"), json!({ "name": "child" })),
    ]
}

#[tokio::test]
async fn f01_a_create_under_a_parent_deleted_meanwhile_fails() {
    let booth = booth_behind_proxy(0).await;
    for (parent, list, child) in parents_and_children(&booth).await {
        let create = call(&booth, Method::POST, &list).json(&child);
        let created = send_around(&booth, create, call(&booth, Method::DELETE, &parent), 204).await;
        created.expect_problem(CONFLICT.0, CONFLICT.1);
    }
}

#[tokio::test]
async fn f01_a_delete_of_a_parent_that_got_a_child_meanwhile_fails() {
    let booth = booth_behind_proxy(0).await;
    for (parent, list, child) in parents_and_children(&booth).await {
        let create = call(&booth, Method::POST, &list).json(&child);
        let deleted = send_around(&booth, call(&booth, Method::DELETE, &parent), create, 201).await;
        deleted.expect_problem(IN_USE.0, IN_USE.1);
    }
}

#[tokio::test]
async fn f03_a_grant_on_an_entity_deleted_meanwhile_fails() {
    let booth = booth_behind_proxy(0).await;
    let (world, organization) = (&booth.world, &booth.world.demo.organization_id);
    let integration = world.create_integration(organization, "launchpad_user").await;
    let account = world.create_account().await;
    let body = json!({ "grants": [{ "role": "launchpad_user", "entity_id": account }] });
    let path = format!("{ENTITIES}/{organization}/integrations/{integration}");
    let grant = call(&booth, Method::PATCH, &path).json(&body);
    let delete = call(&booth, Method::DELETE, &format!("{ENTITIES}/{account}"));
    send_around(&booth, grant, delete, 204).await.expect_problem(CONFLICT.0, CONFLICT.1);
}

#[tokio::test]
async fn f04_a_rotation_of_a_key_disabled_meanwhile_fails() {
    let booth = booth_behind_proxy(0).await;
    let (world, account) = (&booth.world, &booth.world.demo.account_id);
    let integration = world.create_integration(account, "launchpad_user").await;
    let key = world.create_key(account, &integration).await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys/{}", key.id);
    let rotate = call(&booth, Method::POST, &format!("{path}/rotate")).json(&json!({}));
    let disable = call(&booth, Method::PATCH, &path).json(&json!({ "status": "disabled" }));
    send_around(&booth, rotate, disable, 200).await.expect_problem(CONFLICT.0, CONFLICT.1);
    world.redeem(&key).await.expect(401);
}

#[tokio::test]
async fn a04_a_change_based_on_an_old_version_overwrites_nothing() {
    let booth = booth_behind_proxy(0).await;
    let path = format!("{ENTITIES}/{}", booth.world.create_account().await);
    let change = |body: Value| call(&booth, Method::PATCH, &path).json(&body);
    let (slow, name) = (change(json!({ "api_enabled": false })), unique("quick"));
    let quick = change(json!({ "status": "disabled", "name": name }));
    send_around(&booth, slow, quick, 200).await.expect_problem(CONFLICT.0, CONFLICT.1);
    let read = booth.world.read(&path).await.expect(200);
    assert_eq!((&read.json["status"], &read.json["name"]), (&json!("disabled"), &json!(name)));
}
