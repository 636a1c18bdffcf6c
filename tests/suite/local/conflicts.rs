//! Transactions that DynamoDB cancels because they share an item with others.

use serde_json::json;

use super::embedded::booth_behind_proxy;
use super::proxy::Fault;
use crate::support::call::send_concurrently;
use crate::support::world::unique;

#[tokio::test]
async fn a4_fifty_concurrent_changes_by_one_key_succeed_or_change_nothing() {
    let booth = booth_behind_proxy(0).await;
    let (world, account) = (&booth.world, &booth.world.demo.account_id);
    let token = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let path = format!("/admin/v1/entities/{account}/partners");
    let before = world.read(&path).await.expect(200).ids("name").len();
    booth.proxy.cancel_conflicts();
    let answers = send_concurrently(50, |_| {
        let call = world.post(&path).bearer(&token).json(&json!({ "name": unique("partner") }));
        call.send()
    })
    .await;
    let mut created = Vec::new();
    for answer in &answers {
        match answer.status.as_u16() {
            201 => created.push(answer.text_at("name")),
            503 => assert_eq!(answer.header("retry-after"), "1"),
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(booth.proxy.cancelled() > 50, "{} transactions were cancelled", booth.proxy.cancelled());
    let mut listed = world.read(&format!("{path}?limit=100")).await.expect(200).ids("name").split_off(before);
    listed.sort_unstable();
    created.sort_unstable();
    assert_eq!(listed, created, "a refused change was written");
}

#[tokio::test]
async fn a4_a_change_that_always_conflicts_ends_in_503_and_changes_nothing() {
    let booth = booth_behind_proxy(0).await;
    let world = &booth.world;
    let path = format!("/admin/v1/entities/{}/partners", world.demo.account_id);
    let before = world.read(&path).await.expect(200).json;
    booth.proxy.fail_on("TransactWriteItems", usize::MAX, Fault::Conflict);
    let answer = world.create(&path, &json!({ "name": unique("partner") })).await;
    assert_eq!(answer.expect_problem(503, "temporarily_unavailable").header("retry-after"), "1");
    let attempts = booth.proxy.take_calls()["TransactWriteItems"];
    assert!((3..=12).contains(&attempts), "{attempts}");
    booth.proxy.stop_failing();
    assert_eq!(world.read(&path).await.expect(200).json, before);
}
