//! DynamoDB is unreachable, slow or throttled: each window answers in time and in its own format.

use std::time::{Duration, Instant};

use api::OnFailure;
use serde_json::json;

use super::embedded::{ProxiedBooth, booth_behind_proxy, booth_with_rate_limits};
use super::proxy::Fault;
use crate::support::call::Answer;
use crate::support::world::World;

const THROTTLED: [&str; 2] = ["ProvisionedThroughputExceededException", "ThrottlingException"];

#[tokio::test]
async fn without_dynamodb_every_window_answers_503_with_retry_after() {
    let mut booth = booth_with_signed_in_administrator().await;
    booth.proxy.shut_down();
    assert_unavailable(&booth.world).await;
}

#[tokio::test]
async fn a_throttled_dynamodb_call_is_sent_at_most_three_times() {
    let refused = async |exception| {
        let booth = booth_with_signed_in_administrator().await;
        booth.proxy.fail(Fault::Exception(exception));
        assert_unavailable(&booth.world).await;
        let calls = booth.proxy.take_calls();
        assert!(calls.values().sum::<usize>() <= 12, "{exception}: {calls:?}");
    };
    tokio::join!(refused(THROTTLED[0]), refused(THROTTLED[1]));
}

#[tokio::test]
async fn a_slow_dynamodb_call_times_out() {
    let booth = booth_with_signed_in_administrator().await;
    booth.proxy.fail(Fault::Timeout);
    let started = Instant::now();
    assert_unavailable(&booth.world).await;
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let calls = booth.proxy.take_calls();
    assert!(calls.values().sum::<usize>() <= 12, "{calls:?}");
}

/// A booth without a cache. The administrator has a token, because none is issued while DynamoDB fails.
async fn booth_with_signed_in_administrator() -> ProxiedBooth {
    let booth = booth_behind_proxy(0).await;
    booth.world.read("/admin/v1/entities").await.expect(200);
    booth.proxy.take_calls();
    booth
}

/// Asserts that each window answers 503. Each request makes one call to DynamoDB, so there are at most 12 attempts.
async fn assert_unavailable(world: &World) {
    let (path, demo) = (world.demo_tokens(), &world.demo);
    let (anonymous, access, device, admin) = tokio::join!(
        world.request_token(&path, &demo.api_key),
        async { world.redeem(&demo.api_key).await.expect(503) },
        async { world.request_device_token("app-1").await.expect(503) },
        world.read("/admin/v1/entities"),
    );
    for answer in [anonymous, admin] {
        assert_retry_after(&answer.expect_problem(503, "temporarily_unavailable"));
    }
    assert_retry_after(&access);
    assert_eq!(access.header("content-type"), "application/json");
    assert_eq!(access.json["errorCode"], "temporarily_unavailable");
    assert!(!access.text_at("errorMessage").is_empty());
    assert_retry_after(&device);
    assert_eq!(device.json, json!({ "error": "Temporarily unavailable" }));
}

/// Asserts a `Retry-After` header, and a body without internal details.
fn assert_retry_after(answer: &Answer) {
    let seconds = answer.header("retry-after").parse::<u64>();
    assert!(seconds.is_ok_and(|seconds| seconds > 0), "{:?}", answer.headers);
    assert!(!answer.text.contains("Exception") && !answer.text.contains("127.0.0.1"), "{}", answer.text);
}

#[tokio::test]
async fn a_throttle_that_ends_within_the_retries_is_hidden() {
    let refused = async |exception| {
        let booth = booth_behind_proxy(0).await;
        booth.proxy.fail_on("BatchGetItem", 2, Fault::Exception(exception));
        booth.world.request_token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await.expect(200);
        assert_eq!(booth.proxy.take_calls()["BatchGetItem"], 4, "{exception}");
    };
    tokio::join!(refused(THROTTLED[0]), refused(THROTTLED[1]));
}

#[tokio::test]
async fn the_booth_recovers_when_dynamodb_does() {
    let booth = booth_behind_proxy(0).await;
    booth.proxy.fail(Fault::Exception("ThrottlingException"));
    booth.world.redeem(&booth.world.demo.api_key).await.expect(503);
    booth.proxy.stop_failing();
    booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
}

#[tokio::test]
async fn unprocessed_keys_are_requested_again() {
    let booth = booth_behind_proxy(0).await;
    booth.proxy.fail_on("BatchGetItem", 1, Fault::HalfUnprocessed);
    booth.world.request_token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await.expect(200);
    assert_eq!(booth.proxy.take_calls()["BatchGetItem"], 3);
    booth.proxy.fail_on("BatchGetItem", 1, Fault::AllUnprocessed);
    booth.world.redeem(&booth.world.demo.api_key).await.expect(200);
    assert_eq!(booth.proxy.take_calls()["BatchGetItem"], 3);
}

#[tokio::test]
async fn keys_that_stay_unprocessed_end_in_503() {
    let booth = booth_behind_proxy(0).await;
    booth.proxy.fail(Fault::AllUnprocessed);
    let answer = booth.world.request_token(&booth.world.demo_tokens(), &booth.world.demo.api_key).await;
    assert_retry_after(&answer.expect_problem(503, "temporarily_unavailable"));
    let calls = booth.proxy.take_calls()["BatchGetItem"];
    assert!(calls <= 5, "{calls}");
}

#[tokio::test]
async fn a_token_costs_two_reads_from_a_cold_cache_and_none_from_a_warm_one() {
    let booth = booth_behind_proxy(300).await;
    for warm in [false, true] {
        assert_reads_per_token(&booth, if warm { 0 } else { 2 }).await;
    }
}

#[tokio::test]
async fn a_token_costs_two_reads_without_a_cache() {
    assert_reads_per_token(&booth_behind_proxy(0).await, 2).await;
}

#[tokio::test]
async fn a14_a_throttled_bucket_refuses_in_each_window_and_with_each_setting() {
    let assert_refused = async |failing, exception| {
        let booth = booth_with_rate_limits(0, failing).await;
        let (world, project) = (&booth.world, &booth.world.demo.project);
        booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Exception(exception));
        let redeemed = world.redeem(&world.demo.api_key).await.expect(429);
        assert_retry_after(&redeemed);
        assert!(redeemed.header("ratelimit").starts_with("\"key\";r=0;"), "{exception}");
        world.request_device_token("app-1").await.expect(429);
        world.attach(project, "", &json!({ "user": "u" })).await.expect_problem(429, "quota_exceeded");
    };
    tokio::join!(
        assert_refused(OnFailure::Open, THROTTLED[0]),
        assert_refused(OnFailure::Closed, THROTTLED[1]),
    );
}

/// Asserts the number of reads per token in each window. A bucket costs one write, or two if it was just used.
async fn assert_reads_per_token(booth: &ProxiedBooth, reads: usize) {
    let (world, mut cost) = (&booth.world, Vec::new());
    world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
    cost.push((2, booth.proxy.take_calls()));
    world.redeem(&world.demo.api_key).await.expect(200);
    cost.push((1, booth.proxy.take_calls()));
    world.request_device_token("app-1").await.expect(200);
    cost.push((2, booth.proxy.take_calls()));
    for (buckets, mut calls) in cost {
        let writes = calls.remove("UpdateItem").unwrap_or_default();
        assert!((buckets..=2 * buckets).contains(&writes), "{writes} writes for {buckets} buckets");
        assert!(calls.values().sum::<usize>() <= reads, "{calls:?}");
    }
}

#[tokio::test]
async fn v08_unavailable_limits_fail_as_configured_and_always_closed_in_window_v() {
    let assert_status = async |failing, status| {
        let booth = booth_with_rate_limits(0, failing).await;
        booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Exception("TransactionInProgressException"));
        let answer = booth.world.redeem(&booth.world.demo.api_key).await.expect(status);
        assert!(!answer.headers.contains_key("ratelimit"));
        if status == 503 {
            assert_retry_after(&answer);
        }
        assert_retry_after(&booth.world.request_device_token("app-1").await.expect(503));
    };
    tokio::join!(assert_status(OnFailure::Open, 200), assert_status(OnFailure::Closed, 503));
}
