//! Rate limits hold however many ask at once.

use std::time::Instant;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::call::Answer;
use crate::support::tenant::Key;
use crate::support::world::World;

/// How many requests are let through in 60 s.
const LIMIT: u64 = 20;

#[tokio::test]
async fn fifty_concurrent_callers_never_exceed_the_limit() {
    let world = World::shared();
    let account = world.account().await;
    let integration = world.integration(&account, "account_admin").await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
    let body = json!({ "name": "limited", "rate_limit": { "requests": LIMIT, "seconds": 60 } });
    let made = world.create(&path, &body).await.expect(201);
    let key: Key = serde_json::from_value(made.json["key_file"].clone()).expect("a key file");
    let began = Instant::now();
    let calls: JoinSet<Answer> = (0..50)
        .map(|_| {
            let (world, key) = (world.clone(), key.clone());
            async move { world.redeem(&key).await }
        })
        .collect();
    let answers = calls.join_all().await;
    let brought_back = began.elapsed().as_secs() * LIMIT / 60 + 1;
    let passed = answers.iter().filter(|answer| answer.status == 200).count() as u64;
    assert!((LIMIT..=LIMIT + brought_back).contains(&passed), "{passed} passed, {brought_back} came back");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 429);
        let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=4).contains(&wait), "{wait}");
    }
}
