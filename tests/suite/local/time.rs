//! Time limits, exact to the second, with a test clock.

use api::PlainSignatures;
use serde_json::json;
use tokenbooth::Options;

use super::clock::{TestClock, world_with_clock};
use crate::support::call::Answer;
use crate::support::jwt;
use crate::support::tenant::Key;
use crate::support::world::{World, options, unique};

const ENTITIES: &str = "/admin/v1/entities";

#[tokio::test]
async fn f11_a_request_can_be_300_s_old_and_60_s_early_and_no_more() {
    let clock = TestClock::new();
    let admin_plain_signatures = PlainSignatures::Accepted;
    let world = World::own(Options { clock: clock.for_function(), admin_plain_signatures, ..options() });
    for (offset, status) in [(-301, 401), (-300, 200), (0, 200), (60, 200), (61, 401)] {
        let at = clock.unix_second() + offset;
        let token = world.post(&world.demo_tokens()).signed_at(&world.demo.api_key, at).send().await;
        assert_status_and_server_time(&token, &clock, offset, status);
        let list = world.get(ENTITIES).signed_at(&world.demo.admin_key, at).send().await;
        assert_status_and_server_time(&list, &clock, offset, status);
    }
}

/// Asserts the status, and in a 401 the server's time to the second.
fn assert_status_and_server_time(answer: &Answer, clock: &TestClock, offset: i64, status: u16) {
    assert_eq!(answer.status, status, "{offset}: {}", answer.text);
    if status == 401 {
        assert_eq!(answer.json["server_time"], clock.unix_second(), "{offset}");
    }
}

#[tokio::test]
async fn f15_a_token_is_accepted_until_its_exp_exclusive() {
    let (world, clock) = world_with_clock(0);
    let (_, tokens) = world.create_provider(&world.demo.account_id).await; // 600 s
    let issued = world.request_token(&tokens, &world.demo.api_key).await.expect(200);
    let (token, end) = (issued.json.as_str().expect("a token"), clock.unix_second() + 600);
    for (at, status) in [(end - 1, 200), (end, 401), (end + 1, 401)] {
        clock.set(at);
        for path in ["/v1/me/assertions", "/api/rest/v1/me/assertions"] {
            world.get(path).bearer(token).send().await.expect(status);
        }
    }
}

#[tokio::test]
async fn f18_a_token_is_renewed_until_its_exp_and_until_the_end_of_its_session() {
    let (world, clock) = world_with_clock(0);
    let fields = json!({ "renewable": true, "max_session": 1000 });
    let (_, tokens) = world.create_provider_with(&world.demo.account_id, fields).await; // 600 s
    let start = clock.unix_second();
    let request = async |body: serde_json::Value, at: i64| {
        clock.set(at);
        world.post(&tokens).signed_at(&world.demo.api_key, at).json(&body).send().await
    };
    let first = request(json!({}), start).await.expect(200).json;
    request(json!({ "renew": first }), start + 600).await.expect_invalid("renew");
    let second = request(json!({ "renew": first }), start + 599).await.expect(200).json;
    let exp = |token: &serde_json::Value| jwt::claims(token.as_str().expect("a token"))["exp"].clone();
    assert_eq!((exp(&first), exp(&second)), (json!(start + 600), json!(start + 1000)));
    let third = request(json!({ "renew": second }), start + 999).await.expect(200).json;
    assert_eq!(exp(&third), json!(start + 1000));
    request(json!({ "renew": third }), start + 1000).await.expect_invalid("renew");
}

#[tokio::test]
async fn k05_an_access_token_is_accepted_by_the_admin_api_for_300_s() {
    let (world, clock) = world_with_clock(0);
    let token = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let start = clock.unix_second();
    clock.set(start + 299);
    world.get(ENTITIES).bearer(&token).send().await.expect(200);
    clock.set(start + 300);
    let answer = world.get(ENTITIES).bearer(&token).send().await.expect_problem(401, "invalid_credentials");
    assert_eq!(answer.json["server_time"], start + 300);
}

#[tokio::test]
async fn f04_a_rotated_key_works_until_its_end_exclusive() {
    let (world, clock) = world_with_clock(0);
    let integration = world.create_integration(&world.demo.account_id, "account_admin").await;
    let old = world.create_key(&world.demo.account_id, &integration).await;
    let rotate = format!("{}/{}/rotate", keys_path(&world, &integration), old.id);
    let body = json!({ "valid_until": clock.timestamp_in(100) });
    let new = world.create(&rotate, &body).await.expect(201).key_file();
    let start = clock.unix_second();
    for (second, status) in [(0, 200), (99, 200), (100, 401), (101, 401)] {
        clock.set(start + second);
        assert_token_status(&world, &clock, &old, status).await;
        assert_token_status(&world, &clock, &new, 200).await;
    }
}

#[tokio::test]
async fn f04_a_key_with_an_end_works_until_that_second() {
    let (world, clock) = world_with_clock(0);
    let integration = world.create_integration(&world.demo.account_id, "account_admin").await;
    let body = json!({ "name": unique("key"), "valid_until": clock.timestamp_in(60) });
    let key = world.create(&keys_path(&world, &integration), &body).await.expect(201).key_file();
    let start = clock.unix_second();
    for (second, status) in [(59, 200), (60, 401)] {
        clock.set(start + second);
        assert_token_status(&world, &clock, &key, status).await;
    }
}

fn keys_path(world: &World, integration: &str) -> String {
    format!("{ENTITIES}/{}/integrations/{integration}/keys", world.demo.account_id)
}

/// Asserts the status of a token request in window F and in window K.
async fn assert_token_status(world: &World, clock: &TestClock, key: &Key, status: u16) {
    clock.request_token(world, &world.demo_tokens(), key).await.expect(status);
    world.redeem(key).await.expect(status);
}

#[tokio::test]
async fn f04_a_disabled_key_stops_within_the_published_bound() {
    let (world, clock) = world_with_clock(10);
    let integration = world.create_integration(&world.demo.account_id, "account_admin").await;
    let key = world.create_key(&world.demo.account_id, &integration).await;
    assert_token_status(&world, &clock, &key, 200).await;
    let path = format!("{}/{}", keys_path(&world, &integration), key.id);
    clock.change(&world, &path, &json!({ "status": "disabled" })).await.expect(200);
    let start = clock.unix_second();
    clock.set(start + 9);
    assert_token_status(&world, &clock, &key, 200).await;
    clock.set(start + 10);
    assert_token_status(&world, &clock, &key, 401).await;
}

#[tokio::test]
async fn f04_a_disabled_key_cannot_administer_from_the_next_request_on() {
    let (world, clock) = world_with_clock(10);
    let integration = world.create_integration(&world.demo.account_id, "account_admin").await;
    let key = world.create_key(&world.demo.account_id, &integration).await;
    let make = async || {
        let call = world.post(&keys_path(&world, &integration)).with_token_of(&key);
        call.json(&json!({ "name": unique("key") })).send().await
    };
    make().await.expect(201);
    let path = format!("{}/{}", keys_path(&world, &integration), key.id);
    clock.change(&world, &path, &json!({ "status": "disabled" })).await.expect(200);
    make().await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn f01_f02_a_key_below_a_disabled_entity_stops_within_the_published_bound() {
    for (field, value) in [("status", json!("disabled")), ("api_enabled", json!(false))] {
        let (world, clock) = world_with_clock(10);
        let body = json!({ field: value });
        assert_token_status(&world, &clock, &world.demo.api_key, 200).await;
        let path = format!("{ENTITIES}/{}", world.demo.organization_id);
        clock.change(&world, &path, &body).await.expect(200);
        let start = clock.unix_second();
        clock.set(start + 9);
        assert_token_status(&world, &clock, &world.demo.api_key, 200).await;
        clock.set(start + 10);
        let refused = clock.request_token(&world, &world.demo_tokens(), &world.demo.api_key).await;
        refused.expect_problem(403, "entity_disabled");
        let refused = world.redeem(&world.demo.api_key).await.expect(401);
        assert_eq!(refused.json["errorCode"], "organization_inactive", "{field}");
    }
}

#[tokio::test]
async fn f02_the_secure_anonymous_switch_stops_tokens_within_the_published_bound() {
    let (world, clock) = world_with_clock(10);
    assert_token_status(&world, &clock, &world.demo.api_key, 200).await;
    let path = format!("{ENTITIES}/{}", world.demo.customer_id);
    clock.change(&world, &path, &json!({ "secure_anonymous_enabled": false })).await.expect(200);
    let start = clock.unix_second();
    clock.set(start + 9);
    assert_token_status(&world, &clock, &world.demo.api_key, 200).await;
    clock.set(start + 10);
    let refused = clock.request_token(&world, &world.demo_tokens(), &world.demo.api_key).await;
    refused.expect_problem(403, "entity_disabled");
    world.redeem(&world.demo.api_key).await.expect(200);
}

#[tokio::test]
async fn a04_an_idempotency_key_replays_for_24_hours() {
    let (world, clock) = world_with_clock(0);
    let account = &world.demo.account_id;
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = json!({ "description": "once", "token_duration": 600, "grants": grants });
    let create = async || {
        let call = world.post(&format!("{ENTITIES}/{account}/providers")).json(&body);
        let call = call.header("Idempotency-Key", "once").with_token_of(&world.demo.admin_key);
        call.send().await.expect(201)
    };
    let (first, start) = (create().await, clock.unix_second());
    assert_eq!(first.header("idempotent-replayed"), "");
    clock.set(start + 24 * 3600 - 1);
    let again = create().await;
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    clock.set(start + 24 * 3600);
    let later = create().await;
    assert_eq!(later.header("idempotent-replayed"), "");
    assert_ne!(later.json["id"], first.json["id"]);
}
