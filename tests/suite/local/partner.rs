//! Window V at which second, and in how many hands.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::clock::{Hands, world};
use crate::support::call::Answer;
use crate::support::partner::{Partner, claims, new_key, opened};
use crate::support::world::World;

/// A change to the partner, its key or its site, signed at the time the hands tell.
async fn change(world: &World, hands: &Hands, path: &str, body: Value) {
    hands.change(world, path, &body).await.expect(200);
}

#[tokio::test]
async fn v05_iat_and_exp_are_exact_to_the_second() {
    let (world, hands) = world(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    change(&world, &hands, &partner.site.path, json!({ "token_duration": 60 })).await;
    let now = hands.second();
    let claims = claims(&partner.token(&world, "app-1").await.expect(200), &partner.site.secret);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 60)));
    assert_eq!(claims["ipaddresses"], "127.0.0.1");
}

#[tokio::test]
async fn v02_a_key_works_until_its_end_exclusive() {
    let (world, hands) = world(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let next = new_key(&world, &partner.path).await;
    let end = json!({ "valid_until": hands.moment_in(100) });
    change(&world, &hands, &partner.key.path, end).await;
    let start = hands.second();
    for (second, status) in [(0, 200), (99, 200), (100, 401), (101, 401)] {
        hands.put_at(start + second);
        partner.token(&world, "app-1").await.expect(status);
        Partner { key: next.clone(), ..partner.clone() }.token(&world, "app-1").await.expect(200);
    }
    change(&world, &hands, &partner.key.path, json!({ "valid_until": null })).await;
    partner.token(&world, "app-1").await.expect(200);
}

#[tokio::test]
async fn v02_a_disabled_key_partner_site_or_entity_stops_within_the_published_bound() {
    let (world, hands) = world(10);
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
        partner.token(&world, "app-1").await.expect(200);
        change(&world, &hands, path, off).await;
        let start = hands.second();
        hands.put_at(start + 9);
        assert_eq!(partner.token(&world, "app-1").await.status, 200, "{what}");
        hands.put_at(start + 10);
        assert_eq!(partner.token(&world, "app-1").await.status, status, "{what}");
        change(&world, &hands, path, on).await;
        hands.put_at(start + 20);
        partner.token(&world, "app-1").await.expect(200);
    }
}

#[tokio::test]
async fn v08_each_device_has_its_own_bucket_that_refills_evenly() {
    let (world, hands) = world(0);
    let fields = json!({ "device_rate_limit": { "requests": 2, "seconds": 60 } });
    let partner = Partner::with(&world, &world.demo.account_id, fields).await;
    let began = hands.second();
    for (after, device, status, wait) in [
        (0, "app-1", 200, ""),
        (0, "app-1", 200, ""),
        (0, "app-1", 429, "30"),
        (0, "app-2", 200, ""),
        (29, "app-1", 429, "1"),
        (30, "app-1", 200, ""),
        (30, "app-1", 429, "30"),
    ] {
        hands.put_at(began + after);
        let answer = partner.token(&world, device).await.expect(status);
        assert_eq!(answer.header("retry-after"), wait, "{after} {device}");
    }
}

#[tokio::test]
async fn v08_the_default_limits_are_60_a_device_and_6000_a_partner_a_minute() {
    let (world, _) = world(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answers = at_once(&world, &partner, 70).await;
    let passed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(passed.len(), 60);
    assert_eq!(passed[0].header("ratelimit-policy"), "\"device\";q=60;w=60, \"partner\";q=6000;w=60");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 429));
}

async fn at_once(world: &World, partner: &Partner, times: usize) -> Vec<Answer> {
    let calls: JoinSet<Answer> = (0..times)
        .map(|_| {
            let (world, partner) = (world.clone(), partner.clone());
            async move { partner.token(&world, "app-1").await }
        })
        .collect();
    calls.join_all().await
}

#[tokio::test]
async fn v08_a_request_with_a_wrong_key_or_parameter_uses_no_quota() {
    let (world, _) = world(0);
    let fields = json!({ "rate_limit": { "requests": 1, "seconds": 60 } });
    let partner = Partner::with(&world, &world.demo.account_id, fields).await;
    let mut wrong = partner.clone();
    wrong.key.key = "tbpk_wrong".to_owned();
    wrong.token(&world, "app-1").await.expect(401);
    partner.token(&world, "app-").await.expect(400);
    partner.token(&world, "app-1").await.expect(200);
    partner.token(&world, "app-2").await.expect(429);
}

#[tokio::test]
async fn v09_a_new_secret_signs_at_once() {
    let (world, hands) = world(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let rotate = format!("{}/rotate", partner.site.path);
    let body = json!({ "valid_until": hands.moment_in(100) });
    let call = world.post(&rotate).signed_at(&world.demo.admin_key, hands.second()).json(&body);
    let rotated = call.send().await.expect(201);
    assert_eq!(rotated.json["secrets"][1]["valid_until"], body["valid_until"]);
    let answer = partner.token(&world, "app-1").await.expect(200);
    assert!(opened(&answer, &rotated.text_at("secret")).is_ok());
    assert!(opened(&answer, &partner.site.secret).is_err());
}

#[tokio::test]
async fn v09_every_successful_concurrent_rotation_takes_effect() {
    let (world, hands) = world(0);
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let rotations: JoinSet<Answer> = (0..8)
        .map(|_| {
            let (world, path) = (world.clone(), format!("{}/rotate", partner.site.path));
            let call = world.post(&path).signed_at(&world.demo.admin_key, hands.second());
            async move { call.send().await }
        })
        .collect();
    let answers = rotations.join_all().await;
    let happened = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(happened >= 1 && answers.iter().all(|it| it.status == 201 || it.status == 409), "{answers:?}");
    let site = world.get(&partner.site.path).signed_at(&world.demo.admin_key, hands.second()).send().await;
    let secrets = site.expect(200).json["secrets"].as_array().expect("secrets").len();
    assert_eq!(secrets, happened + 1, "none is lost, and none is too many");
}
