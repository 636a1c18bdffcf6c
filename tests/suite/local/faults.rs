//! When DynamoDB is away, slow or refuses: the caller hears of it in time, and in the window's own shape.

use std::time::{Duration, Instant};

use api::OnFailure;
use serde_json::json;

use super::embedded::{Fragile, failing, fragile};
use super::proxy::Fault;
use crate::support::call::Answer;
use crate::support::world::World;

const THROTTLED: [&str; 2] = ["ProvisionedThroughputExceededException", "ThrottlingException"];

#[tokio::test]
async fn without_dynamodb_every_window_answers_503_with_retry_after() {
    let mut booth = fragile(0).await;
    booth.proxy.go_away();
    unavailable(&booth.world).await;
}

#[tokio::test]
async fn a_throttled_dynamodb_call_is_sent_at_most_three_times() {
    let refused = async |exception| {
        let booth = fragile(0).await;
        booth.proxy.fail(Fault::Refused(exception));
        unavailable(&booth.world).await;
        let calls = booth.proxy.calls();
        assert!(calls.values().sum::<usize>() <= 12, "{exception}: {calls:?}");
    };
    tokio::join!(refused(THROTTLED[0]), refused(THROTTLED[1]));
}

#[tokio::test]
async fn a_slow_dynamodb_call_times_out() {
    let booth = fragile(0).await;
    booth.proxy.fail(Fault::Slow);
    let started = Instant::now();
    unavailable(&booth.world).await;
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let calls = booth.proxy.calls();
    assert!(calls.values().sum::<usize>() <= 12, "{calls:?}");
}

/// What each window answers, asked at the same time: one call to DynamoDB each, so twelve attempts at most.
async fn unavailable(world: &World) {
    let (path, demo) = (world.demo_tokens(), &world.demo);
    let (anonymous, access, device, admin) = tokio::join!(
        world.token(&path, &demo.api_key),
        world.redeem(&demo.api_key),
        world.device_token("app-1"),
        world.read("/admin/v1/entities"),
    );
    for answer in [anonymous, admin] {
        come_back(&answer.expect_problem(503, "temporarily_unavailable"));
    }
    let access = access.expect(503);
    come_back(&access);
    assert_eq!(access.header("content-type"), "application/json");
    assert_eq!(access.json["errorCode"], "temporarily_unavailable");
    assert!(!access.text_at("errorMessage").is_empty());
    let device = device.expect(503);
    come_back(&device);
    assert_eq!(device.json, json!({ "error": "Temporarily unavailable" }));
}

fn come_back(answer: &Answer) {
    let seconds = answer.header("retry-after").parse::<u64>();
    assert!(seconds.is_ok_and(|seconds| seconds > 0), "{:?}", answer.headers);
    assert!(!answer.text.contains("Exception") && !answer.text.contains("127.0.0.1"), "{}", answer.text);
}

#[tokio::test]
async fn a_throttle_that_ends_within_the_retries_is_hidden() {
    let refused = async |exception| {
        let booth = fragile(0).await;
        booth.proxy.fail_on("BatchGetItem", 2, Fault::Refused(exception));
        booth.world.token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await.expect(200);
        assert_eq!(booth.proxy.calls()["BatchGetItem"], 4, "{exception}");
    };
    tokio::join!(refused(THROTTLED[0]), refused(THROTTLED[1]));
}

#[tokio::test]
async fn the_booth_recovers_when_dynamodb_does() {
    let booth = fragile(0).await;
    booth.proxy.fail(Fault::Refused("ThrottlingException"));
    booth.world.redeem(&booth.world.demo.api_key).await.expect(503);
    booth.proxy.heal();
    booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
}

#[tokio::test]
async fn unprocessed_keys_are_requested_again() {
    let booth = fragile(0).await;
    booth.proxy.fail_on("BatchGetItem", 1, Fault::HalfDone);
    booth.world.token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await.expect(200);
    assert_eq!(booth.proxy.calls()["BatchGetItem"], 3);
    booth.proxy.fail_on("BatchGetItem", 1, Fault::Undone);
    booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
    assert_eq!(booth.proxy.calls()["BatchGetItem"], 3);
}

#[tokio::test]
async fn keys_that_stay_unprocessed_end_in_503() {
    let booth = fragile(0).await;
    booth.proxy.fail(Fault::Undone);
    let answer = booth.world.token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await;
    come_back(&answer.expect_problem(503, "temporarily_unavailable"));
    let calls = booth.proxy.calls()["BatchGetItem"];
    assert!(calls <= 5, "{calls}");
}

#[tokio::test]
async fn a_token_costs_two_reads_from_a_cold_cache_and_none_from_a_warm_one() {
    let booth = fragile(300).await;
    for warm in [false, true] {
        costs(&booth, if warm { 0 } else { 2 }).await;
    }
}

#[tokio::test]
async fn a_token_costs_two_reads_without_a_cache() {
    costs(&fragile(0).await, 2).await;
}

/// A token of each window costs so many reads, and a write per bucket: two where the bucket was used a moment ago.
async fn costs(booth: &Fragile, reads: usize) {
    let (world, mut cost) = (&booth.world, Vec::new());
    world.token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    cost.push((2, booth.proxy.calls()));
    world.redeem(&world.demo.api_key).await.expect(200);
    cost.push((1, booth.proxy.calls()));
    world.device_token("app-1").await.expect(200);
    cost.push((2, booth.proxy.calls()));
    for (buckets, mut calls) in cost {
        let writes = calls.remove("UpdateItem").unwrap_or_default();
        assert!((buckets..=2 * buckets).contains(&writes), "{writes} writes for {buckets} buckets");
        assert!(calls.values().sum::<usize>() <= reads, "{calls:?}");
    }
}

#[tokio::test]
async fn v08_unavailable_limits_fail_as_configured_and_always_closed_in_window_v() {
    let ask = async |failing_how, status| {
        let booth = failing(0, failing_how).await;
        booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Refused("ThrottlingException"));
        let answer = booth.world.redeem(&booth.world.demo.api_key).await.expect(status);
        assert!(!answer.headers.contains_key("ratelimit"));
        if status == 503 {
            come_back(&answer);
        }
        come_back(&booth.world.device_token("app-1").await.expect(503));
    };
    tokio::join!(ask(OnFailure::Open, 200), ask(OnFailure::Closed, 503));
}
