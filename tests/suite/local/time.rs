//! What happens at which second.

use serde_json::json;

use super::clock::{Hands, world};
use crate::support::call::Answer;
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

const ENTITIES: &str = "/admin/v1/entities";

#[tokio::test]
async fn f11_a_request_can_be_300_s_old_and_60_s_early_and_no_more() {
    let (world, hands) = world(0);
    for (offset, status) in [(-301, 401), (-300, 200), (0, 200), (60, 200), (61, 401)] {
        let at = hands.second() + offset;
        let asked = world.post(&world.demo_tokens()).signed_at(&world.demo.api_key, at);
        judged(&asked.send().await, &hands, offset, status);
        let asked = world.get(ENTITIES).signed_at(&world.demo.admin_key, at);
        judged(&asked.send().await, &hands, offset, status);
    }
}

/// A refusal tells the server's time, to the second.
fn judged(answer: &Answer, hands: &Hands, offset: i64, status: u16) {
    assert_eq!(answer.status, status, "{offset}: {}", answer.text);
    if status == 401 {
        assert_eq!(answer.json["server_time"], hands.second(), "{offset}");
    }
}

#[tokio::test]
async fn f15_a_token_is_accepted_until_its_exp_exclusive() {
    let (world, hands) = world(0);
    let (_, tokens) = world.provider(&world.demo.account_id).await; // 600 s
    let token = world.token(&tokens, &world.demo.api_key).await.expect(200).json;
    let (token, end) = (token.as_str().expect("a token"), hands.second() + 600);
    for (at, status) in [(end - 1, 200), (end, 401), (end + 1, 401)] {
        hands.put_at(at);
        for path in ["/v1/me/assertions", "/api/rest/v1/me/assertions"] {
            world.get(path).bearer(token).send().await.expect(status);
        }
    }
}

#[tokio::test]
async fn k05_an_access_token_is_accepted_by_the_admin_api_for_300_s() {
    let (world, hands) = world(0);
    let token = world.redeem(&world.demo.admin_key).await.expect(200).text_at("token");
    let start = hands.second();
    hands.put_at(start + 299);
    world.get(ENTITIES).bearer(&token).send().await.expect(200);
    hands.put_at(start + 300);
    let answer = world.get(ENTITIES).bearer(&token).send().await;
    let answer = answer.expect_problem(401, "invalid_credentials");
    assert_eq!(answer.json["server_time"], start + 300);
}

#[tokio::test]
async fn f04_a_rotated_key_works_until_its_end_exclusive() {
    let (world, hands) = world(0);
    let integration = world.integration(&world.demo.account_id, "account_admin").await;
    let old = world.key_of(&world.demo.account_id, &integration).await;
    let rotate = format!("{}/{}/rotate", keys_of(&world, &integration), old.id);
    let body = json!({ "valid_until": hands.moment_in(100) });
    let new = world.create(&rotate, &body).await.expect(201).json["key_file"].clone();
    let new: Key = serde_json::from_value(new).expect("a key file");
    let start = hands.second();
    for (second, status) in [(0, 200), (99, 200), (100, 401), (101, 401)] {
        hands.put_at(start + second);
        works(&world, &hands, &old, status).await;
        works(&world, &hands, &new, 200).await;
    }
}

#[tokio::test]
async fn f04_a_key_with_an_end_works_until_that_second() {
    let (world, hands) = world(0);
    let integration = world.integration(&world.demo.account_id, "account_admin").await;
    let body = json!({ "name": unique("key"), "valid_until": hands.moment_in(60) });
    let made = world.create(&keys_of(&world, &integration), &body).await.expect(201);
    let key: Key = serde_json::from_value(made.json["key_file"].clone()).expect("a key file");
    let start = hands.second();
    for (second, status) in [(59, 200), (60, 401)] {
        hands.put_at(start + second);
        works(&world, &hands, &key, status).await;
    }
}

fn keys_of(world: &World, integration: &str) -> String {
    format!("{ENTITIES}/{}/integrations/{integration}/keys", world.demo.account_id)
}

/// Both windows give `key` that status.
async fn works(world: &World, hands: &Hands, key: &Key, status: u16) {
    hands.token(world, &world.demo_tokens(), key).await.expect(status);
    world.redeem(key).await.expect(status);
}

#[tokio::test]
async fn f04_a_disabled_key_stops_within_the_published_bound() {
    let (world, hands) = world(10);
    let integration = world.integration(&world.demo.account_id, "account_admin").await;
    let key = world.key_of(&world.demo.account_id, &integration).await;
    works(&world, &hands, &key, 200).await;
    let path = format!("{}/{}", keys_of(&world, &integration), key.id);
    hands.change(&world, &path, &json!({ "status": "disabled" })).await.expect(200);
    let start = hands.second();
    hands.put_at(start + 9);
    works(&world, &hands, &key, 200).await;
    hands.put_at(start + 10);
    works(&world, &hands, &key, 401).await;
}

#[tokio::test]
async fn f04_a_disabled_key_cannot_administer_from_the_next_request_on() {
    let (world, hands) = world(10);
    let integration = world.integration(&world.demo.account_id, "account_admin").await;
    let key = world.key_of(&world.demo.account_id, &integration).await;
    let make = async || {
        let call = world.post(&keys_of(&world, &integration)).signed_at(&key, hands.second());
        call.json(&json!({ "name": unique("key") })).send().await
    };
    make().await.expect(201);
    let path = format!("{}/{}", keys_of(&world, &integration), key.id);
    hands.change(&world, &path, &json!({ "status": "disabled" })).await.expect(200);
    make().await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn f01_f02_a_key_below_a_disabled_entity_stops_within_the_published_bound() {
    for (field, value) in [("status", json!("disabled")), ("api_enabled", json!(false))] {
        let (world, hands) = world(10);
        let body = json!({ field: value });
        works(&world, &hands, &world.demo.api_key, 200).await;
        let path = format!("{ENTITIES}/{}", world.demo.organization_id);
        hands.change(&world, &path, &body).await.expect(200);
        let start = hands.second();
        hands.put_at(start + 9);
        works(&world, &hands, &world.demo.api_key, 200).await;
        hands.put_at(start + 10);
        let refused = hands.token(&world, &world.demo_tokens(), &world.demo.api_key).await;
        refused.expect_problem(403, "entity_disabled");
        let refused = world.redeem(&world.demo.api_key).await.expect(401);
        assert_eq!(refused.json["errorCode"], "organization_inactive", "{field}");
    }
}

#[tokio::test]
async fn f02_the_secure_anonymous_switch_stops_tokens_within_the_published_bound() {
    let (world, hands) = world(10);
    works(&world, &hands, &world.demo.api_key, 200).await;
    let path = format!("{ENTITIES}/{}", world.demo.customer_id);
    hands.change(&world, &path, &json!({ "secure_anonymous_enabled": false })).await.expect(200);
    let start = hands.second();
    hands.put_at(start + 9);
    works(&world, &hands, &world.demo.api_key, 200).await;
    hands.put_at(start + 10);
    let refused = hands.token(&world, &world.demo_tokens(), &world.demo.api_key).await;
    refused.expect_problem(403, "entity_disabled");
    world.redeem(&world.demo.api_key).await.expect(200);
}

#[tokio::test]
async fn a04_an_idempotency_key_replays_for_24_hours() {
    let (world, hands) = world(0);
    let account = &world.demo.account_id;
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = json!({ "description": "once", "token_duration": 600, "grants": grants });
    let create = async || {
        let call = world.post(&format!("{ENTITIES}/{account}/providers")).json(&body);
        let call = call.header("Idempotency-Key", "once").signed_at(&world.demo.admin_key, hands.second());
        call.send().await.expect(201)
    };
    let (first, start) = (create().await, hands.second());
    assert_eq!(first.header("idempotent-replayed"), "");
    hands.put_at(start + 24 * 3600 - 1);
    let again = create().await;
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    hands.put_at(start + 24 * 3600);
    let later = create().await;
    assert_eq!(later.header("idempotent-replayed"), "");
    assert_ne!(later.json["id"], first.json["id"]);
}
