//! Window S with concurrent requests, a test clock, and a failing DynamoDB.

use serde_json::{Value, json};

use super::clock::world_with_clock;
use super::embedded::booth_behind_proxy;
use super::proxy::Fault;
use crate::support::call::send_concurrently;
use crate::support::jwt::sign_hs256;
use crate::support::world::{World, options};

#[tokio::test]
async fn s05_concurrent_attaches_of_one_new_device_count_once() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    for round in 0..4 {
        let answers = send_concurrently(16, |_| {
            let (world, project) = (world.clone(), project.clone());
            let body = json!({ "user": format!("u{round}"), "device_id": "d" });
            async move { world.attach(&project, "", &body).await }
        });
        for answer in answers.await {
            assert_eq!(answer.expect(200).json["attached_devices"], 1);
        }
        let history = world.history(&project, &format!("user=u{round}&per=50")).await.expect(200);
        assert_eq!(history.json["totalDocs"], 16, "each call is in the history");
    }
}

#[tokio::test]
async fn s07_concurrent_attaches_and_detaches_keep_the_count_right() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    let answers = send_concurrently(24, |number| {
        let (world, project) = (world.clone(), project.clone());
        let device = format!("d{}", number % 4);
        async move {
            if number % 3 == 0 {
                return world.detach(&project, "u", &device).await;
            }
            world.attach(&project, &project.token("u"), &json!({ "user": "u", "device_id": device })).await
        }
    });
    for answer in answers.await {
        answer.expect(200);
    }
    let listed = world.list_devices(&project, "u").await.len();
    let reported = world.detach(&project, "u", "none").await.expect(200).json["attached_devices"].clone();
    assert_eq!(reported, json!(listed));
}

#[tokio::test]
async fn s06_one_event_used_concurrently_works_once() {
    let world = World::own(options());
    let project = world.create_signing_project().await;
    let token = project.token("event");
    let calls = send_concurrently(16, |_| {
        let (world, project, token) = (world.clone(), project.clone(), token.clone());
        async move { world.identify(&project, &token, &json!({})).await }
    });
    let answers = calls.await;
    let passed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(passed.len(), 1);
    assert!(answers.iter().all(|answer| [200, 401, 429].contains(&answer.status.as_u16())));
    let query = format!("identity={}", passed[0].text_at("identity"));
    assert_eq!(world.history(&project, &query).await.expect(200).json["totalDocs"], 1);
}

#[tokio::test]
async fn s08_history_is_visible_for_history_days_and_not_a_second_longer() {
    let (world, clock) = world_with_clock(0);
    let project = world.demo.project.clone();
    let began = clock.unix_second();
    let attach = async |device: &str| {
        world.attach(&project, "", &json!({ "user": "u", "device_id": device })).await.expect(200);
    };
    let total = async || world.history(&project, "user=u").await.expect(200).json["totalDocs"].clone();
    attach("a").await;
    clock.set(began + 86_400);
    attach("b").await;
    clock.set(began + 90 * 86_400 - 1);
    assert_eq!(total().await, 2);
    clock.set(began + 90 * 86_400);
    assert_eq!(total().await, 1, "an old record is hidden although the table still holds it");
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    clock.change(&world, &path, &json!({ "history_days": 1 })).await.expect(200);
    assert_eq!(total().await, 0, "a lower history_days also hides earlier records");
    clock.change(&world, &path, &json!({ "history_days": 3650 })).await.expect(200);
    clock.set(began + 91 * 86_400);
    assert_eq!(total().await, 0, "a higher history_days does not show ended records again");
}

#[tokio::test]
async fn s04_exp_is_exact_to_the_second_and_nbf_allows_5_s_of_clock_skew() {
    let (world, clock) = world_with_clock(0);
    let project = world.demo.project.clone();
    let began = clock.unix_second();
    let claims = json!({ "user": "u", "nbf": began + 105, "exp": began + 200 });
    let token = sign_hs256(&json!({ "alg": "HS256" }), &claims, &project.api_secret);
    for (after, reason) in
        [(99, json!("not_yet_valid")), (100, Value::Null), (199, Value::Null), (200, json!("expired"))]
    {
        clock.set(began + after);
        world.attach(&project, &token, &json!({ "user": "u", "device_id": "d" })).await.expect(200);
        let history = world.history(&project, "user=u").await.expect(200);
        assert_eq!(history.json["docs"][0]["reason"], reason, "{after}");
    }
}

#[tokio::test]
async fn s03_metered_requests_are_counted_by_month() {
    let (world, clock) = world_with_clock(0);
    let project = world.demo.project.clone();
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    let read = async || {
        let call = world.get(&path).with_token_of(&world.demo.admin_key);
        call.send().await.expect(200).json["metered_requests"].clone()
    };
    let sign = async || {
        let call = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
        call.send().await.expect(200);
    };
    clock.set(1_796_083_199); // 2026-11-30T23:59:59Z
    sign().await;
    sign().await;
    assert_eq!(read().await, json!({ "2026-11": 2 }));
    clock.set(1_796_083_200);
    assert_eq!(read().await, json!({ "2026-12": 0 }));
    sign().await;
    assert_eq!(read().await, json!({ "2026-12": 1 }));
}

#[tokio::test]
async fn s08_a_call_whose_history_cannot_be_written_changes_nothing() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d" });
    let fail_writes =
        || booth.proxy.fail_on("TransactWriteItems", usize::MAX, Fault::Exception("ThrottlingException"));
    fail_writes();
    world.attach(project, "", &body).await.expect_problem(503, "temporarily_unavailable");
    booth.proxy.stop_failing();
    assert!(world.list_devices(project, "u").await.is_empty());
    world.attach(project, "", &body).await.expect(200);
    fail_writes();
    world.attach(project, "", &body).await.expect_problem(503, "temporarily_unavailable");
    world.detach(project, "u", "d").await.expect_problem(503, "temporarily_unavailable");
    world
        .identify(project, "", &json!({ "device_id": "d" }))
        .await
        .expect_problem(503, "temporarily_unavailable");
    booth.proxy.stop_failing();
    assert_eq!(world.list_devices(project, "u").await.len(), 1);
    assert_eq!(world.history(project, "device=d").await.expect(200).json["totalDocs"], 1);
}

#[tokio::test]
async fn s10_calls_are_refused_while_the_limits_cannot_be_updated() {
    let booth = booth_behind_proxy(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Exception("TransactionInProgressException"));
    let answer = world.attach(project, "", &json!({ "user": "u" })).await;
    answer.expect_problem(503, "temporarily_unavailable");
    let call = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
    call.send().await.expect_problem(503, "temporarily_unavailable");
}

#[tokio::test]
async fn s05_an_attach_costs_two_batch_reads_for_its_caller_with_a_cold_cache_and_one_with_a_warm_one() {
    let booth = booth_behind_proxy(60).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let (body, token) = (json!({ "user": "u", "device_id": "d" }), project.token("u"));
    let (of_revocation, of_device) = (1, 1);
    world.attach(project, &token, &body).await.expect(200);
    assert_eq!(booth.proxy.take_calls()["BatchGetItem"], 2 + of_device, "cold");
    world.attach(project, &token, &body).await.expect(200);
    let calls = booth.proxy.take_calls();
    assert_eq!(
        (calls["BatchGetItem"], calls["TransactWriteItems"]),
        (of_revocation + of_device, 1),
        "warm: {calls:?}"
    );
    assert_eq!(calls.get("GetItem"), None, "the count is read with the device: {calls:?}");
}

#[tokio::test]
async fn s07_a_user_in_a_path_can_have_any_characters() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    for (user, path) in [
        ("a/b", "a%2Fb"),
        ("a b@example.com", "a%20b%40example.com"),
        ("Zo\u{eb}", "Zo%C3%AB"),
        ("100%25", "100%2525"),
        ("#?", "%23%3F"),
    ] {
        world.attach(&project, "", &json!({ "user": user, "device_id": "d" })).await.expect(200);
        let devices = world.list_devices(&project, path).await;
        assert_eq!((devices.len(), &devices[0]["user"]), (1, &json!(user)), "{path}");
    }
    for bad in ["%00", "a%0Ab", "%ff", "%EF%BF%BD", &"x".repeat(257)] {
        let path = format!("/v2/access/user/{bad}/attached_devices");
        world.get(&path).bearer(&project.api_secret).send().await.expect_invalid("user");
    }
}
