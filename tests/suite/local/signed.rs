//! Window S at the same moment, at a certain second, and without the store.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::clock::world;
use super::embedded::fragile;
use super::proxy::Fault;
use crate::support::call::Answer;
use crate::support::project::token_of;
use crate::support::world::{World, options};

async fn at_once<F>(times: usize, ask: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    (0..times).map(ask).collect::<JoinSet<Answer>>().join_all().await
}

#[tokio::test]
async fn s05_concurrent_attaches_of_one_new_device_count_once() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    for round in 0..4 {
        let answers = at_once(16, |_| {
            let (world, project) = (world.clone(), project.clone());
            let body = json!({ "user": format!("u{round}"), "device_id": "d" });
            async move { world.attach(&project, "", &body).await }
        });
        for answer in answers.await {
            assert_eq!(answer.expect(200).json["attached_devices"], 1);
        }
        let history = world.history(&project, &format!("user=u{round}&per=50")).await.expect(200);
        assert_eq!(history.json["totalDocs"], 16, "each call is remembered");
    }
}

#[tokio::test]
async fn s07_concurrent_attaches_and_detaches_keep_the_count_right() {
    let world = World::own(options());
    let project = world.demo.project.clone();
    let answers = at_once(24, |number| {
        let (world, project) = (world.clone(), project.clone());
        let device = format!("d{}", number % 4);
        async move {
            if number % 3 == 0 {
                return world.detach(&project, "u", &device).await;
            }
            world.attach(&project, "", &json!({ "user": "u", "device_id": device })).await
        }
    });
    for answer in answers.await {
        answer.expect(200);
    }
    let listed = world.attached(&project, "u").await.len();
    let told = world.detach(&project, "u", "none").await.expect(200).json["attached_devices"].clone();
    assert_eq!(told, json!(listed));
}

#[tokio::test]
async fn s06_one_event_used_concurrently_works_once() {
    let world = World::own(options());
    let project = world.signing_project().await;
    let token = project.token("event");
    let answers = at_once(16, |_| {
        let (world, project, token) = (world.clone(), project.clone(), token.clone());
        async move { world.identify(&project, &token, &json!({})).await }
    });
    let answers = answers.await;
    let passed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(passed.len(), 1);
    assert!(answers.iter().all(|answer| [200, 401, 429].contains(&answer.status.as_u16())));
    let query = format!("identity={}", passed[0].text_at("identity"));
    assert_eq!(world.history(&project, &query).await.expect(200).json["totalDocs"], 1);
}

#[tokio::test]
async fn s08_history_is_visible_for_history_days_and_not_a_second_longer() {
    let (world, hands) = world(0);
    let project = world.demo.project.clone();
    let began = hands.second();
    let attach = async |device: &str| {
        world.attach(&project, "", &json!({ "user": "u", "device_id": device })).await.expect(200);
    };
    let total = async || world.history(&project, "user=u").await.expect(200).json["totalDocs"].clone();
    attach("a").await;
    hands.put_at(began + 86_400);
    attach("b").await;
    hands.put_at(began + 90 * 86_400 - 1);
    assert_eq!(total().await, 2);
    hands.put_at(began + 90 * 86_400);
    assert_eq!(total().await, 1, "the table still holds it, and it is not told");
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    hands.change(&world, &path, &json!({ "history_days": 1 })).await.expect(200);
    assert_eq!(total().await, 0, "fewer days hold for what was there before");
    hands.change(&world, &path, &json!({ "history_days": 3650 })).await.expect(200);
    hands.put_at(began + 91 * 86_400);
    assert_eq!(total().await, 0, "more days do not");
}

#[tokio::test]
async fn s04_exp_is_exact_to_the_second_and_nbf_allows_5_s_of_clock_skew() {
    let (world, hands) = world(0);
    let project = world.demo.project.clone();
    let began = hands.second();
    let claims = json!({ "user": "u", "nbf": began + 105, "exp": began + 200 });
    let token = token_of(&json!({ "alg": "HS256" }), &claims, &project.api_secret);
    for (after, reason) in
        [(99, json!("not_yet_valid")), (100, Value::Null), (199, Value::Null), (200, json!("expired"))]
    {
        hands.put_at(began + after);
        world.attach(&project, &token, &json!({ "user": "u", "device_id": "d" })).await.expect(200);
        let history = world.history(&project, "user=u").await.expect(200);
        assert_eq!(history.json["docs"][0]["reason"], reason, "{after}");
    }
}

#[tokio::test]
async fn s03_metered_requests_are_counted_by_month() {
    let (world, hands) = world(0);
    let project = world.demo.project.clone();
    let path = format!("/admin/v1/entities/{}/projects/{}", world.demo.account_id, project.id);
    let read = async || {
        let call = world.get(&path).signed_at(&world.demo.admin_key, hands.second());
        call.send().await.expect(200).json["metered_requests"].clone()
    };
    let sign = async || {
        let call = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
        call.send().await.expect(200);
    };
    hands.put_at(1_796_083_199); // 2026-11-30T23:59:59Z
    sign().await;
    sign().await;
    assert_eq!(read().await, json!({ "2026-11": 2 }));
    hands.put_at(1_796_083_200);
    assert_eq!(read().await, json!({ "2026-12": 0 }));
    sign().await;
    assert_eq!(read().await, json!({ "2026-12": 1 }));
}

#[tokio::test]
async fn s08_a_call_whose_history_cannot_be_written_changes_nothing() {
    let booth = fragile(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d" });
    let refuse =
        || booth.proxy.fail_on("TransactWriteItems", usize::MAX, Fault::Refused("ThrottlingException"));
    refuse();
    world.attach(project, "", &body).await.expect_problem(503, "temporarily_unavailable");
    booth.proxy.heal();
    assert!(world.attached(project, "u").await.is_empty());
    world.attach(project, "", &body).await.expect(200);
    refuse();
    world.detach(project, "u", "d").await.expect_problem(503, "temporarily_unavailable");
    world
        .identify(project, "", &json!({ "device_id": "d" }))
        .await
        .expect_problem(503, "temporarily_unavailable");
    booth.proxy.heal();
    assert_eq!(world.attached(project, "u").await.len(), 1);
    assert_eq!(world.history(project, "device=d").await.expect(200).json["totalDocs"], 1);
}

#[tokio::test]
async fn s10_calls_are_refused_while_the_limits_cannot_be_updated() {
    let booth = fragile(0).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    booth.proxy.fail_on("UpdateItem", usize::MAX, Fault::Refused("ThrottlingException"));
    let answer = world.attach(project, "", &json!({ "user": "u" })).await;
    answer.expect_problem(503, "temporarily_unavailable");
    let call = world.post("/token/sign").bearer(&project.api_secret).json(&json!({ "user": "u" }));
    call.send().await.expect_problem(503, "temporarily_unavailable");
}

#[tokio::test]
async fn s05_an_attach_costs_two_batch_reads_with_a_cold_cache_and_none_with_a_warm_one() {
    let booth = fragile(60).await;
    let (world, project) = (&booth.world, &booth.world.demo.project);
    let body = json!({ "user": "u", "device_id": "d" });
    world.attach(project, "", &body).await.expect(200);
    assert_eq!(booth.proxy.calls()["BatchGetItem"], 2, "cold");
    world.attach(project, "", &body).await.expect(200);
    let calls = booth.proxy.calls();
    assert_eq!((calls.get("BatchGetItem"), calls["TransactWriteItems"]), (None, 1), "warm: {calls:?}");
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
        let devices = world.attached(&project, path).await;
        assert_eq!((devices.len(), &devices[0]["user"]), (1, &json!(user)), "{path}");
    }
    for bad in ["%00", "a%0Ab", "%ff", "%EF%BF%BD", &"x".repeat(257)] {
        let path = format!("/v2/access/user/{bad}/attached_devices");
        world.get(&path).bearer(&project.api_secret).send().await.expect_invalid("user");
    }
}
