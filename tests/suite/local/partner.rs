//! Window V with a test clock and with concurrent requests.

use serde_json::{Value, json};

use super::clock::{TestClock, world_with_clock};
use crate::support::call::send_concurrently;
use crate::support::partner::{Partner, create_partner_key, verified_claims, verify_site_token};
use crate::support::world::{World, options};

/// Changes a partner, key or site at the time of the clock.
async fn change(world: &World, clock: &TestClock, path: &str, body: Value) {
    clock.change(world, path, &body).await.expect(200);
}

#[tokio::test]
async fn v05_iat_and_exp_are_exact_to_the_second() {
    let (world, clock) = world_with_clock(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    change(&world, &clock, &partner.site.path, json!({ "token_duration": 60 })).await;
    let now = clock.unix_second();
    let claims =
        verified_claims(&partner.request_token(&world, "app-1").await.expect(200), &partner.site.secret);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 60)));
    assert_eq!(claims["ipaddresses"], "127.0.0.1");
}

#[tokio::test]
async fn v02_a_key_works_until_its_end_exclusive() {
    let (world, clock) = world_with_clock(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let next = create_partner_key(&world, &partner.path).await;
    let end = json!({ "valid_until": clock.timestamp_in(100) });
    change(&world, &clock, &partner.key.path, end).await;
    let start = clock.unix_second();
    for (second, status) in [(0, 200), (99, 200), (100, 401), (101, 401)] {
        clock.set(start + second);
        partner.request_token(&world, "app-1").await.expect(status);
        Partner { key: next.clone(), ..partner.clone() }.request_token(&world, "app-1").await.expect(200);
    }
    change(&world, &clock, &partner.key.path, json!({ "valid_until": null })).await;
    partner.request_token(&world, "app-1").await.expect(200);
}

#[tokio::test]
async fn v02_a_disabled_key_partner_site_or_entity_stops_within_the_published_bound() {
    let (world, clock) = world_with_clock(10);
    let account = format!("/admin/v1/entities/{}", world.demo.account_id);
    for (what, off, on, status) in [
        ("key", json!({ "status": "disabled" }), json!({ "status": "active" }), 401),
        ("partner", json!({ "status": "disabled" }), json!({ "status": "active" }), 401),
        ("site", json!({ "status": "disabled" }), json!({ "status": "active" }), 400),
        ("entity", json!({ "api_enabled": false }), json!({ "api_enabled": true }), 403),
    ] {
        let partner = Partner::new(&world, &world.demo.account_id).await;
        let path = match what {
            "key" => &partner.key.path,
            "partner" => &partner.path,
            "site" => &partner.site.path,
            _ => &account,
        };
        partner.request_token(&world, "app-1").await.expect(200);
        change(&world, &clock, path, off).await;
        let start = clock.unix_second();
        clock.set(start + 9);
        assert_eq!(partner.request_token(&world, "app-1").await.status, 200, "{what}");
        clock.set(start + 10);
        assert_eq!(partner.request_token(&world, "app-1").await.status, status, "{what}");
        change(&world, &clock, path, on).await;
        clock.set(start + 20);
        partner.request_token(&world, "app-1").await.expect(200);
    }
}

#[tokio::test]
async fn v08_each_device_has_its_own_bucket_that_refills_evenly() {
    let (world, clock) = world_with_clock(0);
    let fields = json!({ "device_rate_limit": { "requests": 2, "seconds": 60 } });
    let partner = Partner::with_fields(&world, &world.demo.account_id, fields).await;
    let began = clock.unix_second();
    for (after, device, status, wait) in [
        (0, "app-1", 200, ""),
        (0, "app-1", 200, ""),
        (0, "app-1", 429, "30"),
        (0, "app-2", 200, ""),
        (29, "app-1", 429, "1"),
        (30, "app-1", 200, ""),
        (30, "app-1", 429, "30"),
    ] {
        clock.set(began + after);
        let answer = partner.request_token(&world, device).await.expect(status);
        assert_eq!(answer.header("retry-after"), wait, "{after} {device}");
    }
}

#[tokio::test]
async fn v08_the_default_limits_are_60_a_device_and_6000_a_partner_a_minute() {
    let (world, _) = world_with_clock(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answers = send_concurrently(70, |_| {
        let (world, partner) = (world.clone(), partner.clone());
        async move { partner.request_token(&world, "app-1").await }
    })
    .await;
    let passed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(passed.len(), 60);
    assert_eq!(passed[0].header("ratelimit-policy"), "\"device\";q=60;w=60, \"partner\";q=6000;w=60");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 429));
}

#[tokio::test]
async fn v08_a_request_with_a_wrong_key_or_parameter_uses_no_quota() {
    let (world, _) = world_with_clock(0);
    let fields = json!({ "rate_limit": { "requests": 1, "seconds": 60 } });
    let partner = Partner::with_fields(&world, &world.demo.account_id, fields).await;
    let mut wrong = partner.clone();
    wrong.key.key = "tbpk_wrong".to_owned();
    wrong.request_token(&world, "app-1").await.expect(401);
    partner.request_token(&world, "app-").await.expect(400);
    partner.request_token(&world, "app-1").await.expect(200);
    partner.request_token(&world, "app-2").await.expect(429);
}

#[tokio::test]
async fn v09_a_new_secret_signs_at_once() {
    let (world, clock) = world_with_clock(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let rotate = format!("{}/rotate", partner.site.path);
    let body = json!({ "valid_until": clock.timestamp_in(100) });
    let call = world.post(&rotate).with_token_of(&world.demo.admin_key).json(&body);
    let rotated = call.send().await.expect(201);
    assert_eq!(rotated.json["secrets"][1]["valid_until"], body["valid_until"]);
    let answer = partner.request_token(&world, "app-1").await.expect(200);
    assert!(verify_site_token(&answer, &rotated.text_at("secret")).is_ok());
    assert!(verify_site_token(&answer, &partner.site.secret).is_err());
}

#[tokio::test]
async fn v09_every_successful_concurrent_rotation_takes_effect() {
    let world = World::own(options());
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let rotate = format!("{}/rotate", partner.site.path);
    let answers =
        send_concurrently(8, |_| world.post(&rotate).with_token_of(&world.demo.admin_key).send()).await;
    let succeeded = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(succeeded >= 1 && answers.iter().all(|it| it.status == 201 || it.status == 409), "{answers:?}");
    let site = world.get(&partner.site.path).with_token_of(&world.demo.admin_key).send().await;
    let secrets = site.expect(200).json["secrets"].as_array().expect("secrets").len();
    assert_eq!(secrets, succeeded + 1, "one secret for each successful rotation");
}
