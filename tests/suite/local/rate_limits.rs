//! Rate limits with a test clock.

use api::RateLimits;
use serde_json::json;

use super::clock::world_with_clock;
use crate::support::call::{Answer, send_concurrently};
use crate::support::tenant::Key;
use crate::support::world::{World, options};

/// Creates a key of the demo account with a limit of `requests` in 60 s, and returns its path and the key.
async fn limited_key(world: &World, requests: u64) -> (String, Key) {
    world.create_limited_key(&world.demo.account_id, requests).await
}

async fn redeem_concurrently(world: &World, times: usize, key: &Key) -> Vec<Answer> {
    let redeem = |_: usize| {
        let (world, key) = (world.clone(), key.clone());
        async move { world.redeem(&key).await }
    };
    send_concurrently(times, redeem).await
}

#[tokio::test]
async fn fifty_concurrent_callers_get_exactly_as_many_tokens_as_the_limit() {
    let (world, _) = world_with_clock(0);
    let (_, key) = limited_key(&world, 20).await;
    let answers = redeem_concurrently(&world, 50, &key).await;
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
    let (world, clock) = world_with_clock(0);
    let (_, key) = limited_key(&world, 2).await;
    let began = clock.unix_second();
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
        clock.set(began + after);
        let answer = world.redeem(&key).await.expect(status);
        assert_eq!(answer.headers["ratelimit"], state, "{after}");
    }
}

#[tokio::test]
async fn a_limit_can_be_set_and_reset_to_the_route_s_default() {
    let (world, clock) = world_with_clock(0);
    let (path, key) = limited_key(&world, 1).await;
    world.redeem(&key).await.expect(200);
    world.redeem(&key).await.expect(429);
    for (limit, policy) in [
        (json!({ "requests": 7, "seconds": 3600 }), "\"key\";q=7;w=3600"),
        (json!(null), "\"key\";q=300;w=60"),
    ] {
        let changed = clock.change(&world, &path, &json!({ "rate_limit": limit })).await.expect(200);
        assert_eq!(changed.json["rate_limit"], limit);
        let answer = world.redeem(&key).await.expect(200);
        assert_eq!(answer.headers["ratelimit-policy"], policy, "a new limit starts with a full bucket");
    }
}

#[tokio::test]
async fn refusals_on_one_route_do_not_use_another_route_s_bucket() {
    let (world, clock) = world_with_clock(0);
    let (_, key) = limited_key(&world, 1).await;
    world.redeem(&key).await.expect(200);
    world.redeem(&key).await.expect(429);
    let answer = clock.request_token(&world, &world.demo_tokens(), &key).await.expect(200);
    let policies = answer.headers["ratelimit-policy"].to_str().expect("text");
    assert_eq!(policies, "\"key\";q=1;w=60, \"provider\";q=6000;w=60");
    clock.request_token(&world, &world.demo_tokens(), &key).await.expect(429);
}

#[tokio::test]
async fn disabled_limits_never_refuse_and_send_no_headers() {
    let world = World::own(tokenbooth::Options { rate_limits: RateLimits::Off, ..options() });
    let (_, key) = limited_key(&world, 1).await;
    for answer in redeem_concurrently(&world, 5, &key).await {
        assert!(!answer.expect(200).headers.contains_key("ratelimit"));
    }
}
