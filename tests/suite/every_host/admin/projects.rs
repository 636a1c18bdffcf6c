//! Projects in the Admin API (S1, S2).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::world::{World, unique};

/// Creates an account and returns the path of its projects.
async fn projects_of_new_account(world: &World) -> String {
    format!("/admin/v1/entities/{}/projects", world.create_account().await)
}

#[tokio::test]
async fn s01_s02_a_new_project_does_not_require_signing_and_shows_its_secret_once() {
    let world = World::shared();
    let path = projects_of_new_account(&world).await;
    let created = world.create(&path, &json!({ "name": "Shop" })).await.expect(201);
    assert_eq!((created.header("etag"), created.header("cache-control")), ("\"1\"", "no-store"));
    assert_eq!(created.json["require_signed_tokens"], false);
    assert_eq!(
        (&created.json["default_device_limit"], &created.json["history_days"]),
        (&json!(2), &json!(90))
    );
    for (name, value) in [
        ("unsigned_rate_limit", Value::Null),
        ("unsigned_device_management", json!(false)),
        ("unsigned_device_days", json!(30)),
        ("signed_token_seconds", json!(3600)),
    ] {
        assert_eq!(created.json[name], value, "{name}");
    }
    let secret = created.text_at("api_secret");
    assert!(secret.starts_with("tbas_") && secret.len() == 64, "a scannable secret");
    assert_eq!(created.text_at("client_id").len(), 26);
    let one = format!("{path}/{}", created.text_at("id"));
    let read = world.read(&one).await.expect(200);
    let mut without = created.json.clone();
    without.as_object_mut().expect("an object").remove("api_secret");
    assert_eq!(read.json["api_secrets"], without["api_secrets"]);
    assert!(!read.text.contains(&secret), "shown once");
    assert!(!world.read(&path).await.expect(200).text.contains("tbas_"));
    assert_eq!(world.read(&path).await.expect(200).ids("id"), [created.text_at("id")]);
}

#[tokio::test]
async fn s01_a_project_is_updated_by_etag_and_deleted() {
    let world = World::shared();
    let path = projects_of_new_account(&world).await;
    let body = json!({ "name": "Shop", "user_rate_limit": { "requests": 5, "seconds": 60 } });
    let created = world.create(&path, &body).await.expect(201);
    let one = format!("{path}/{}", created.text_at("id"));
    let changes = json!({
        "name": "Store", "require_signed_tokens": true, "default_device_limit": 3.0, "block_over_usage": true,
        "history_days": 30, "rate_limit": { "requests": 9, "seconds": 60 }, "user_rate_limit": null,
        "unsigned_rate_limit": { "requests": 7, "seconds": 60 }, "unsigned_device_management": true,
        "unsigned_device_days": 365, "signed_token_seconds": null,
    });
    let changed = world.change(&one, &changes).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    for (name, value) in changes.as_object().expect("an object") {
        let expected = if name == "default_device_limit" { &json!(3) } else { value };
        assert_eq!(&changed.json[name], expected, "{name}");
    }
    let late =
        world.call(Method::PATCH, &one).header("If-Match", "\"1\"").with_token_of(&world.demo.admin_key);
    late.json(&json!({ "name": "Late" })).send().await.expect_problem(412, "precondition_failed");
    world.create(&path, &json!({ "name": "store" })).await.expect_problem(409, "name_taken");
    world.delete(&one).await.expect(204);
    world.read(&one).await.expect_problem(404, "not_found");
    world.create(&path, &json!({ "name": "Store" })).await.expect(201);
}

#[tokio::test]
async fn s02_a_secret_is_rotated_with_overlap() {
    let world = World::shared();
    let path = projects_of_new_account(&world).await;
    let created = world.create(&path, &json!({ "name": "Shop" })).await.expect(201);
    let one = format!("{path}/{}", created.text_at("id"));
    let rotate = format!("{one}/rotate");
    let rotated = world.create(&rotate, &json!({})).await.expect(201);
    assert_eq!(rotated.header("etag"), "\"2\"");
    assert_ne!(rotated.text_at("api_secret"), created.text_at("api_secret"));
    let versions = rotated.json["api_secrets"].as_array().expect("secrets");
    assert_eq!((versions.len(), &versions[0]["valid_until"]), (2, &Value::Null));
    assert!(versions[1]["valid_until"].is_string(), "the old one ends");
    let at_once = world.create(&rotate, &json!({ "valid_until": "2020-01-01T00:00:00Z" })).await.expect(201);
    assert_eq!(at_once.json["api_secrets"].as_array().expect("secrets").len(), 1);
    let late = json!({ "valid_until": "2199-01-01T00:00:00Z" });
    world.create(&rotate, &late).await.expect_problem(409, "limit_exceeded");
    for _ in 0..4 {
        world.create(&rotate, &json!({})).await.expect(201);
    }
    world.create(&rotate, &json!({})).await.expect_problem(409, "limit_exceeded");
    assert_eq!(world.read(&one).await.expect(200).header("etag"), "\"7\"");
}

#[tokio::test]
async fn s02_a_rotation_sent_twice_rotates_once() {
    let world = World::shared();
    let path = projects_of_new_account(&world).await;
    let created = world.create(&path, &json!({ "name": "Shop" })).await.expect(201);
    let rotate = format!("{path}/{}/rotate", created.text_at("id"));
    let key = unique("rotate").replace(' ', "-");
    let send = async || {
        let call = world.post(&rotate).header("Idempotency-Key", &key).with_token_of(&world.demo.admin_key);
        call.json(&json!({})).send().await.expect(201)
    };
    let (first, again) = (send().await, send().await);
    assert_eq!(first.text, again.text);
    assert_eq!((first.header("etag"), again.header("etag")), ("\"2\"", "\"2\""));
}

#[tokio::test]
async fn s02_an_invalid_field_is_named() {
    let world = World::shared();
    let path = projects_of_new_account(&world).await;
    for (name, value) in [
        ("name", json!("")),
        ("require_signed_tokens", json!(null)),
        ("require_signed_tokens", json!("yes")),
        ("default_device_limit", json!(0)),
        ("default_device_limit", json!(501)),
        ("default_device_limit", json!(null)),
        ("block_over_usage", json!(1)),
        ("history_days", json!(3651)),
        ("history_days", json!(1.5)),
        ("rate_limit", json!(null)),
        ("user_rate_limit", json!([1, 2])),
        ("unsigned_rate_limit", json!(null)),
        ("unsigned_device_management", json!(null)),
        ("unsigned_device_days", json!(0)),
        ("unsigned_device_days", json!(366)),
        ("signed_token_seconds", json!(59)),
        ("signed_token_seconds", json!(86_401)),
        ("api_secret", json!("tbas_x")),
        ("client_id", json!("x")),
    ] {
        let mut body = json!({ "name": "Shop" });
        body[name] = value;
        world.create(&path, &body).await.expect_invalid(name);
    }
}

#[tokio::test]
async fn s02_a06_a_project_is_found_only_in_its_entity_with_the_project_scope() {
    let world = World::shared();
    let project = &world.demo.project.id;
    let one = format!("/admin/v1/entities/{}/projects/{project}", world.demo.account_id);
    world.read(&one).await.expect(200);
    let elsewhere = format!("{}/{project}", projects_of_new_account(&world).await);
    world.read(&elsewhere).await.expect_problem(404, "not_found");
    world.create(&format!("{elsewhere}/rotate"), &json!({})).await.expect_problem(404, "not_found");
    world.get(&one).with_token_of(&world.rival.admin_key).send().await.expect_problem(404, "not_found");
    let auditor = world.create_key_with_role(&world.demo.account_id, "auditor").await;
    world.get(&one).with_token_of(&auditor).send().await.expect(200);
    let rotate = world.post(&format!("{one}/rotate")).with_token_of(&auditor).json(&json!({})).send().await;
    rotate.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn s02_an_entity_with_a_project_cannot_be_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}");
    let created = world.create(&format!("{path}/projects"), &json!({ "name": "Shop" })).await.expect(201);
    world.delete(&path).await.expect_problem(409, "in_use");
    world.delete(&format!("{path}/projects/{}", created.text_at("id"))).await.expect(204);
    world.delete(&path).await.expect(204);
}
