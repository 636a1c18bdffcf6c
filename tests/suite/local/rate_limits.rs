//! Rate limits under a clock that stands still, and without the store they are kept in.

use api::RateLimits;
use serde_json::json;
use tokio::task::JoinSet;

use super::clock::world;
use crate::support::call::Answer;
use crate::support::tenant::Key;
use crate::support::world::{World, options, unique};

/// A key on an account of its own, held to `requests` in 60 s.
async fn limited(world: &World, requests: u32, sign_at: i64) -> (String, Key) {
    let account = world.demo.account_id.clone();
    let admin = &world.demo.admin_key;
    let grants = json!([{ "role": "account_admin", "entity_id": account }]);
    let integrations = format!("/admin/v1/entities/{account}/integrations");
    let body = json!({ "name": unique("limited"), "grants": grants });
    let made = world.post(&integrations).signed_at(admin, sign_at).json(&body).send().await.expect(201);
    let keys = format!("{integrations}/{}/keys", made.text_at("id"));
    let body = json!({ "name": "limited", "rate_limit": { "requests": requests, "seconds": 60 } });
    let made = world.post(&keys).signed_at(admin, sign_at).json(&body).send().await.expect(201);
    let key: Key = serde_json::from_value(made.json["key_file"].clone()).expect("a key file");
    (format!("{keys}/{}", key.id), key)
}

async fn at_once(world: &World, times: usize, key: &Key) -> Vec<Answer> {
    let calls: JoinSet<Answer> = (0..times)
        .map(|_| {
            let (world, key) = (world.clone(), key.clone());
            async move { world.redeem(&key).await }
        })
        .collect();
    calls.join_all().await
}

#[tokio::test]
async fn fifty_concurrent_callers_get_exactly_as_many_tokens_as_the_limit() {
    let (world, hands) = world(0);
    let (_, key) = limited(&world, 20, hands.second()).await;
    let answers = at_once(&world, 50, &key).await;
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(passed, 20);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 429);
        assert_eq!(answer.headers["retry-after"], "3");
        assert_eq!(answer.headers["ratelimit-policy"], "\"key\";q=20;w=60");
        assert_eq!(answer.headers["ratelimit"], "\"key\";r=0;t=3");
        assert_eq!(answer.json["errorCode"], "quota_exceeded");
    }
}

#[tokio::test]
async fn a_bucket_refills_evenly_and_reports_its_state() {
    let (world, hands) = world(0);
    let (_, key) = limited(&world, 2, hands.second()).await;
    let began = hands.second();
    for (after, status, state) in [
        (0, 200, "\"key\";r=1;t=30"),
        (0, 200, "\"key\";r=0;t=60"),
        (0, 429, "\"key\";r=0;t=30"),
        (29, 429, "\"key\";r=0;t=1"),
        (30, 200, "\"key\";r=0;t=60"),
        (59, 429, "\"key\";r=0;t=1"),
        (500, 200, "\"key\";r=1;t=30"),
        (500, 200, "\"key\";r=0;t=60"),
        (500, 429, "\"key\";r=0;t=30"),
    ] {
        hands.put_at(began + after);
        let answer = world.redeem(&key).await.expect(status);
        assert_eq!(answer.headers["ratelimit"], state, "{after}");
    }
}

#[tokio::test]
async fn a_limit_can_be_set_and_reset_to_the_route_s_default() {
    let (world, hands) = world(0);
    let (path, key) = limited(&world, 1, hands.second()).await;
    world.redeem(&key).await.expect(200);
    world.redeem(&key).await.expect(429);
    for (limit, policy) in [
        (json!({ "requests": 7, "seconds": 3600 }), "\"key\";q=7;w=3600"),
        (json!(null), "\"key\";q=300;w=60"),
    ] {
        let changed = hands.change(&world, &path, &json!({ "rate_limit": limit })).await.expect(200);
        assert_eq!(changed.json["rate_limit"], limit);
        let answer = world.redeem(&key).await.expect(200);
        assert_eq!(answer.headers["ratelimit-policy"], policy, "a new limit begins with a full bucket");
    }
}

#[tokio::test]
async fn refusals_on_one_route_do_not_use_another_route_s_bucket() {
    let (world, hands) = world(0);
    let (_, key) = limited(&world, 1, hands.second()).await;
    world.redeem(&key).await.expect(200);
    world.redeem(&key).await.expect(429);
    let answer = hands.token(&world, &world.demo_tokens(), &key).await.expect(200);
    let policies = answer.headers["ratelimit-policy"].to_str().expect("text");
    assert_eq!(policies, "\"key\";q=1;w=60, \"provider\";q=6000;w=60");
    hands.token(&world, &world.demo_tokens(), &key).await.expect(429);
}

#[tokio::test]
async fn disabled_limits_never_refuse_and_send_no_headers() {
    let world = World::own(tokenbooth::Options { rate_limits: RateLimits::Off, ..options() });
    let (_, key) = limited(&world, 1, crate::support::call::now()).await;
    for answer in at_once(&world, 5, &key).await {
        assert!(!answer.expect(200).headers.contains_key("ratelimit"));
    }
}
