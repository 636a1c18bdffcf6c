//! A change overtaken by another one between what it read and what it writes.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::embedded::{Fragile, fragile};
use super::proxy::Fault;
use crate::support::call::{Answer, Call};
use crate::support::world::unique;

const ENTITIES: &str = "/admin/v1/entities";
const GONE: (u16, &str) = (409, "conflict");
const IN_USE: (u16, &str) = (409, "in_use");

/// A call by the demo customer's administrator.
fn call(booth: &Fragile, method: Method, path: &str) -> Call {
    booth.world.call(method, path).signed(&booth.world.demo.admin_key)
}

/// The answer to `slow`, whose write reaches the table after all that `quick` does.
async fn overtaken(booth: &Fragile, slow: Call, quick: Call, quickly: u16) -> Answer {
    booth.proxy.calls();
    booth.proxy.fail_on("TransactWriteItems", 1, Fault::Late);
    let slow = tokio::spawn(slow.send());
    while !booth.proxy.calls().contains_key("TransactWriteItems") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    quick.send().await.expect(quickly);
    assert!(!slow.is_finished(), "it was not overtaken");
    slow.await.expect("an answer")
}

/// A parent, where its children are made, and a child to make: of every kind.
async fn families(booth: &Fragile) -> Vec<(String, String, Value)> {
    let (world, customer) = (&booth.world, &booth.world.demo.customer_id);
    let parents = [world.entity(customer).await, world.entity(customer).await, world.entity(customer).await];
    let [one, two, three] = &parents;
    let grants = |id| json!([{ "role": "launchpad_user", "entity_id": id }]);
    let integration = world.integration(customer, "launchpad_user").await;
    let integration = format!("{ENTITIES}/{customer}/integrations/{integration}");
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
        (integration.clone(), format!("{integration}/keys"), json!({ "name": "child" })),
    ]
}

#[tokio::test]
async fn f01_a_create_under_a_parent_deleted_meanwhile_fails() {
    let booth = fragile(0).await;
    for (parent, list, child) in families(&booth).await {
        let create = call(&booth, Method::POST, &list).json(&child);
        let created = overtaken(&booth, create, call(&booth, Method::DELETE, &parent), 204).await;
        created.expect_problem(GONE.0, GONE.1);
    }
}

#[tokio::test]
async fn f01_a_delete_of_a_parent_that_got_a_child_meanwhile_fails() {
    let booth = fragile(0).await;
    for (parent, list, child) in families(&booth).await {
        let create = call(&booth, Method::POST, &list).json(&child);
        let deleted = overtaken(&booth, call(&booth, Method::DELETE, &parent), create, 201).await;
        deleted.expect_problem(IN_USE.0, IN_USE.1);
    }
}

#[tokio::test]
async fn f03_a_grant_on_an_entity_deleted_meanwhile_fails() {
    let booth = fragile(0).await;
    let (world, organization) = (&booth.world, &booth.world.demo.organization_id);
    let integration = world.integration(organization, "launchpad_user").await;
    let account = world.account().await;
    let body = json!({ "grants": [{ "role": "launchpad_user", "entity_id": account }] });
    let path = format!("{ENTITIES}/{organization}/integrations/{integration}");
    let grant = call(&booth, Method::PATCH, &path).json(&body);
    let delete = call(&booth, Method::DELETE, &format!("{ENTITIES}/{account}"));
    overtaken(&booth, grant, delete, 204).await.expect_problem(GONE.0, GONE.1);
}

#[tokio::test]
async fn f04_a_rotation_of_a_key_disabled_meanwhile_fails() {
    let booth = fragile(0).await;
    let (world, account) = (&booth.world, &booth.world.demo.account_id);
    let integration = world.integration(account, "launchpad_user").await;
    let key = world.key_of(account, &integration).await;
    let path = format!("{ENTITIES}/{account}/integrations/{integration}/keys/{}", key.id);
    let rotate = call(&booth, Method::POST, &format!("{path}/rotate")).json(&json!({}));
    let disable = call(&booth, Method::PATCH, &path).json(&json!({ "status": "disabled" }));
    overtaken(&booth, rotate, disable, 200).await.expect_problem(GONE.0, GONE.1);
    world.redeem(&key).await.expect(401);
}

#[tokio::test]
async fn a04_a_change_based_on_an_old_version_overwrites_nothing() {
    let booth = fragile(0).await;
    let path = format!("{ENTITIES}/{}", booth.world.account().await);
    let change = |body: Value| call(&booth, Method::PATCH, &path).json(&body);
    let (slow, name) = (change(json!({ "status": "active" })), unique("quick"));
    let quick = change(json!({ "status": "disabled", "name": name }));
    overtaken(&booth, slow, quick, 200).await.expect_problem(GONE.0, GONE.1);
    let read = booth.world.read(&path).await.expect(200);
    assert_eq!((&read.json["status"], &read.json["name"]), (&json!("disabled"), &json!(name)));
}
