//! API keys in the Admin API (F4, F6, K1).

use serde_json::{Value, json};

use crate::support::tenant::Key;
use crate::support::world::{World, unique};

/// An account with an integration; the path of its keys.
async fn keys_path(world: &World) -> String {
    let account = world.account().await;
    let integration = world.integration(&account, "account_admin").await;
    format!("/admin/v1/entities/{account}/integrations/{integration}/keys")
}

fn key_in(json: &Value) -> Key {
    serde_json::from_value(json.clone()).expect("a key file")
}

#[tokio::test]
async fn f04_the_secret_is_shown_once() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let made = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let (id, secret) = (made.text_at("client_id"), made.text_at("client_secret"));
    let key = key_in(&made.json["key_file"]);
    assert_eq!((&key.id, &key.secret), (&id, &secret));
    assert_eq!(made.header("cache-control"), "no-store");
    for answer in [
        world.read(&format!("{path}/{id}")).await.expect(200),
        world.read(&path).await.expect(200),
        world.change(&format!("{path}/{id}"), &json!({ "name": "site" })).await.expect(200),
        world.read("/admin/v1/audit-log?limit=100").await.expect(200),
    ] {
        assert!(!answer.text.contains(&secret) && !answer.text.contains(&key.encoded));
    }
    assert_eq!(world.read(&path).await.expect(200).ids("client_id"), [id]);
    world.redeem(&key).await.expect(200);
}

#[tokio::test]
async fn f06_ids_and_secrets_have_a_recognisable_form() {
    let world = World::shared();
    let key = world.key(&world.demo.account_id, "auditor").await;
    let base32 = |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    assert!(key.id.len() == 26 && base32(&key.id), "{}", key.id);
    let body = key.secret.strip_prefix("tbcs_").expect("the prefix");
    assert!(body.len() == 59 && base32(body), "52 for 256 bits, 7 for the checksum");
}

#[tokio::test]
async fn k01_a_key_downloads_as_the_key_file() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let made = world.create(&format!("{path}?download=true"), &json!({ "name": "web" })).await.expect(201);
    assert_eq!(made.json.as_object().expect("an object").len(), 3);
    assert!(made.header("content-disposition").starts_with("attachment"));
    world.redeem(&key_in(&made.json)).await.expect(200);
    world.create(&format!("{path}?download=yes"), &json!({ "name": "x" })).await.expect_invalid("download");
}

#[tokio::test]
async fn f04_a_rotated_key_overlaps_with_its_successor() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let old = key_in(&world.create(&path, &json!({ "name": "web" })).await.expect(201).json["key_file"]);
    let one = format!("{path}/{}", old.id);
    let rotated = world.post(&format!("{one}/rotate")).signed(&world.demo.admin_key).send().await.expect(201);
    let new = key_in(&rotated.json["key_file"]);
    assert_ne!(new.id, old.id);
    assert_eq!(rotated.json["name"], "web");
    world.redeem(&old).await.expect(200);
    world.redeem(&new).await.expect(200);
    let ending = world.read(&one).await.expect(200);
    assert_eq!(ending.json["superseded_by"], *new.id);
    assert!(ending.json["valid_until"].is_string());
    let again = world.post(&format!("{one}/rotate")).signed(&world.demo.admin_key).send().await;
    again.expect_problem(409, "conflict");
    let longer = json!({ "valid_until": null });
    world.change(&one, &longer).await.expect_problem(409, "conflict");

    let now = json!({ "valid_until": "2020-01-01T00:00:00Z" });
    let at_once = world.create(&format!("{path}/{}/rotate", new.id), &now).await.expect(201);
    world.eventually(401, async || world.redeem(&new).await).await;
    world.redeem(&key_in(&at_once.json["key_file"])).await.expect(200);
    let late = json!({ "valid_until": "2099-01-01T00:00:00Z" });
    let last = at_once.text_at("client_id");
    world.create(&format!("{path}/{last}/rotate"), &late).await.expect_problem(409, "limit_exceeded");
}

#[tokio::test]
async fn f04_a_replayed_create_shows_the_same_key() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let send = async || {
        let call = world.post(&path).signed(&world.demo.admin_key).header("Idempotency-Key", "once");
        call.json(&json!({ "name": "web" })).send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 1);
    world.redeem(&key_in(&again.json["key_file"])).await.expect(200);
}

#[tokio::test]
async fn f04_a_replayed_rotate_gives_the_same_successor() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let made = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let rotate = format!("{path}/{}/rotate", made.text_at("client_id"));
    let send = async || {
        let call = world.post(&rotate).signed(&world.demo.admin_key).header("Idempotency-Key", "turn");
        call.send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 2);
    let form = world.post(&rotate).signed(&world.demo.admin_key);
    form.body("application/x-www-form-urlencoded", "valid_until=x").send().await.expect(415);
}

#[tokio::test]
async fn f04_key_names_are_unique_in_their_integration() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let made = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    world.create(&path, &json!({ "name": "WEB" })).await.expect_problem(409, "name_taken");
    world.delete(&format!("{path}/{}", made.text_at("client_id"))).await.expect(204);
    world.create(&path, &json!({ "name": "web" })).await.expect(201);
}

#[tokio::test]
async fn f04_a_key_can_have_an_end() {
    let world = World::shared();
    let path = keys_path(&world).await;
    let body = json!({ "name": unique("key"), "valid_until": "2020-01-01T00:00:00Z" });
    let ended = world.create(&path, &body).await.expect(201);
    let key = key_in(&ended.json["key_file"]);
    world.redeem(&key).await.expect(401);
    let one = format!("{path}/{}", key.id);
    world.change(&one, &json!({ "valid_until": null })).await.expect(200);
    world.eventually(200, async || world.redeem(&key).await).await;
    for bad in [json!("soon"), json!(1), json!("2026-13-01T00:00:00Z")] {
        world.change(&one, &json!({ "valid_until": bad })).await.expect_invalid("valid_until");
    }
}

#[tokio::test]
async fn a_key_is_found_only_in_its_integration() {
    let world = World::shared();
    let (path, elsewhere) = (keys_path(&world).await, keys_path(&world).await);
    let made = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let id = made.text_at("client_id");
    world.read(&format!("{elsewhere}/{id}")).await.expect_problem(404, "not_found");
    world.delete(&format!("{elsewhere}/{id}")).await.expect_problem(404, "not_found");
    world.read(&format!("{path}/{}", "a".repeat(26))).await.expect_problem(404, "not_found");
}
