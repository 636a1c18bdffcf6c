//! API keys in the Admin API (F4, F6, K1).

use serde_json::json;

use crate::support::assertions::{assert_secret_format, is_base32};
use crate::support::tenant::Key;
use crate::support::world::{World, unique};

/// Creates an account with an integration and returns the path of its keys.
async fn keys_of_new_integration(world: &World) -> String {
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "account_admin").await;
    format!("/admin/v1/entities/{account}/integrations/{integration}/keys")
}

#[tokio::test]
async fn f04_the_secret_is_shown_once() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let created = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let (id, secret) = (created.text_at("client_id"), created.text_at("client_secret"));
    let key = created.key_file();
    assert_eq!((&key.id, &key.secret), (&id, &secret));
    assert_eq!(created.header("cache-control"), "no-store");
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
    let key = world.create_key_with_role(&world.demo.account_id, "auditor").await;
    assert!(key.id.len() == 26 && is_base32(&key.id), "{}", key.id);
    assert_secret_format(&key.secret, "tbcs_");
}

#[tokio::test]
async fn k01_a_key_downloads_as_the_key_file() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let created = world.create(&format!("{path}?download=true"), &json!({ "name": "web" })).await.expect(201);
    assert_eq!(created.json.as_object().expect("an object").len(), 3);
    assert!(created.header("content-disposition").starts_with("attachment"));
    let key: Key = serde_json::from_value(created.json).expect("a key file");
    world.redeem(&key).await.expect(200);
    world.create(&format!("{path}?download=yes"), &json!({ "name": "x" })).await.expect_invalid("download");
}

#[tokio::test]
async fn f04_a_rotated_key_overlaps_with_its_successor() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let old = world.create(&path, &json!({ "name": "web" })).await.expect(201).key_file();
    let one = format!("{path}/{}", old.id);
    let rotated =
        world.post(&format!("{one}/rotate")).with_token_of(&world.demo.admin_key).send().await.expect(201);
    let new = rotated.key_file();
    assert_ne!(new.id, old.id);
    assert_eq!(rotated.json["name"], "web");
    world.redeem(&old).await.expect(200);
    world.redeem(&new).await.expect(200);
    let ending = world.read(&one).await.expect(200);
    assert_eq!(ending.json["superseded_by"], *new.id);
    assert!(ending.json["valid_until"].is_string());
    let again = world.post(&format!("{one}/rotate")).with_token_of(&world.demo.admin_key).send().await;
    again.expect_problem(409, "conflict");
    let longer = json!({ "valid_until": null });
    world.change(&one, &longer).await.expect_problem(409, "conflict");

    let now = json!({ "valid_until": "2020-01-01T00:00:00Z" });
    let at_once = world.create(&format!("{path}/{}/rotate", new.id), &now).await.expect(201);
    world.wait_for_status(401, async || world.redeem(&new).await).await;
    world.redeem(&at_once.key_file()).await.expect(200);
    let late = json!({ "valid_until": "2099-01-01T00:00:00Z" });
    let last = at_once.text_at("client_id");
    world.create(&format!("{path}/{last}/rotate"), &late).await.expect_problem(409, "limit_exceeded");
}

#[tokio::test]
async fn f04_a_replayed_create_shows_the_same_key() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let send = async || {
        let call = world.post(&path).with_token_of(&world.demo.admin_key).header("Idempotency-Key", "once");
        call.json(&json!({ "name": "web" })).send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 1);
    world.redeem(&again.key_file()).await.expect(200);
}

#[tokio::test]
async fn f04_a_replayed_rotate_gives_the_same_successor() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let created = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let rotate = format!("{path}/{}/rotate", created.text_at("client_id"));
    let send = async || {
        let call = world.post(&rotate).with_token_of(&world.demo.admin_key).header("Idempotency-Key", "turn");
        call.send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(world.read(&path).await.expect(200).ids("client_id").len(), 2);
    let form = world.post(&rotate).with_token_of(&world.demo.admin_key);
    form.body("application/x-www-form-urlencoded", "valid_until=x").send().await.expect(415);
}

#[tokio::test]
async fn f04_key_names_are_unique_in_their_integration() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let created = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    world.create(&path, &json!({ "name": "WEB" })).await.expect_problem(409, "name_taken");
    world.delete(&format!("{path}/{}", created.text_at("client_id"))).await.expect(204);
    world.create(&path, &json!({ "name": "web" })).await.expect(201);
}

#[tokio::test]
async fn f04_a_key_can_have_an_end() {
    let world = World::shared();
    let path = keys_of_new_integration(&world).await;
    let body = json!({ "name": unique("key"), "valid_until": "2020-01-01T00:00:00Z" });
    let ended = world.create(&path, &body).await.expect(201);
    let key = ended.key_file();
    world.redeem(&key).await.expect(401);
    let one = format!("{path}/{}", key.id);
    world.change(&one, &json!({ "valid_until": null })).await.expect(200);
    world.wait_for_status(200, async || world.redeem(&key).await).await;
    for bad in [json!("soon"), json!(1), json!("2026-13-01T00:00:00Z")] {
        world.change(&one, &json!({ "valid_until": bad })).await.expect_invalid("valid_until");
    }
}

#[tokio::test]
async fn a_key_is_found_only_in_its_integration() {
    let world = World::shared();
    let (path, elsewhere) = (keys_of_new_integration(&world).await, keys_of_new_integration(&world).await);
    let created = world.create(&path, &json!({ "name": "web" })).await.expect(201);
    let id = created.text_at("client_id");
    world.read(&format!("{elsewhere}/{id}")).await.expect_problem(404, "not_found");
    world.delete(&format!("{elsewhere}/{id}")).await.expect_problem(404, "not_found");
    world.read(&format!("{path}/{}", "a".repeat(26))).await.expect_problem(404, "not_found");
}
