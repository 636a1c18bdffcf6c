//! How many round trips to DynamoDB an administrative change takes.

use std::collections::BTreeMap;

use serde_json::json;

use super::embedded::booth_behind_proxy;
use super::proxy::Fault;
use crate::support::world::unique;

/// Two of the reads go out at the same time: the proxy answers neither before both are there.
#[tokio::test]
async fn a4_a_change_of_a_project_takes_five_round_trips() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let projects = format!("/admin/v1/entities/{}/projects", world.demo.account_id);
    let made = world.create(&projects, &json!({ "name": unique("project") })).await.expect(201);
    let path = format!("{projects}/{}", made.text_at("id"));
    booth.proxy.take_calls();
    booth.proxy.fail_on("GetItem", 2, Fault::Paired);
    world.change(&path, &json!({ "history_days": 30 })).await.expect(200);
    let caller = ("BatchGetItem".to_owned(), 2);
    let entity_project_and_chain_head = ("GetItem".to_owned(), 3);
    let write = ("TransactWriteItems".to_owned(), 1);
    assert_eq!(booth.proxy.take_calls(), BTreeMap::from([caller, entity_project_and_chain_head, write]));
}
