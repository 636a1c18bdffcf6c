//! An administrator of a project wants to fill the table and the permanent audit log with requests to erase users (S12).

use serde_json::json;
use tokenbooth::TABLE;

use crate::local::embedded::{booth_behind_proxy, client};
use crate::support::call::send_concurrently;

/// How many requests of a project are accepted in an hour.
const LIMIT: usize = 600;

#[tokio::test]
async fn s12_a_project_requests_a_bounded_number_of_erasures() {
    let booth = booth_behind_proxy(0).await;
    let project = booth.world.create_project(&json!({})).await;
    let token = booth.world.redeem(&booth.world.demo.admin_key).await.expect(200).text_at("token");
    let erase = || {
        let path = format!("{}/users/erase?user=nobody", project.path);
        booth.world.post(&path).bearer(&token).json(&json!({}))
    };
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..=LIMIT / 50 {
        for answer in send_concurrently(50, |_| erase().send()).await {
            match answer.status.as_u16() {
                202 => accepted += 1,
                429 => refused += 1,
                other => panic!("{other}: {}", answer.text),
            }
        }
    }
    assert!(refused > 0 && (LIMIT - 64..LIMIT + 50).contains(&accepted), "{accepted} and {refused}");
    let refusal = erase().send().await.expect_problem(429, "quota_exceeded");
    assert!(refusal.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
}

#[tokio::test]
async fn s12_erasing_users_who_store_nothing_leaves_nothing() {
    let booth = booth_behind_proxy(0).await;
    let project = booth.world.create_project(&json!({})).await;
    let items = async || {
        let scan = client(&booth.proxy.url).scan().table_name(TABLE).into_paginator().items().send();
        let mut items = scan.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        items.retain(|item| item["pk"].as_s().is_ok_and(|pk| !pk.starts_with("bucket#")));
        items.len()
    };
    let before = items().await;
    for user in ["u1", "u2", "u2"] {
        let answer =
            booth.world.create(&format!("{}/users/erase?user={user}", project.path), &json!({})).await;
        assert_eq!(answer.expect(202).text_at("status"), "done");
    }
    assert_eq!(items().await, before);
    let body = json!({ "user": "u1", "device_id": "d" });
    booth.world.attach(&project, &project.token("u1"), &body).await.expect(200);
    let answer = booth.world.create(&format!("{}/users/erase?user=u1", project.path), &json!({})).await;
    assert_eq!(answer.expect(202).text_at("status"), "pending");
}
