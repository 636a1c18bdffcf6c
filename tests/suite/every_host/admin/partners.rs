//! Partners and their keys in the Admin API (V1, V2, V8, A4, A6).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::assertions::assert_secret_format;
use crate::support::partner::Partner;
use crate::support::world::{World, unique};

#[tokio::test]
async fn v01_a_partner_is_created_read_updated_and_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/partners");
    let created = world.create(&path, &json!({ "name": "Shop" })).await.expect(201);
    let id = created.text_at("id");
    assert!(id.starts_with("partner-") && id.len() == 44, "{id}");
    assert_eq!((&created.json["status"], &created.json["allow_get"]), (&json!("active"), &json!(false)));
    assert_eq!(created.json["trusted_forwarder"], false);
    assert_eq!(
        (&created.json["rate_limit"], &created.json["device_rate_limit"]),
        (&Value::Null, &Value::Null)
    );
    let one = format!("{path}/{id}");
    assert_eq!(world.read(&one).await.expect(200).json, created.json);
    assert_eq!(world.read(&path).await.expect(200).ids("id"), [id]);
    let limit = json!({ "requests": 5, "seconds": 60 });
    let change = json!({ "name": "Store", "allow_get": true, "trusted_forwarder": true, "rate_limit": limit, "device_rate_limit": limit });
    let changed = world.change(&one, &change).await.expect(200);
    for name in ["name", "allow_get", "trusted_forwarder", "rate_limit", "device_rate_limit"] {
        assert_eq!(changed.json[name], change[name], "{name}");
    }
    let back = json!({ "rate_limit": null, "device_rate_limit": null, "status": "disabled" });
    let changed = world.change(&one, &back).await.expect(200);
    for name in ["status", "rate_limit", "device_rate_limit"] {
        assert_eq!(changed.json[name], back[name], "{name}");
    }
    world.delete(&one).await.expect(204);
    world.read(&one).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a4_partner_names_are_unique_in_their_entity() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/partners");
    let first = world.create(&path, &json!({ "name": "Shop" })).await.expect(201);
    world.create(&path, &json!({ "name": "SHOP" })).await.expect_problem(409, "name_taken");
    let second_id = world.create(&path, &json!({ "name": "Store" })).await.expect(201).text_at("id");
    let second = format!("{path}/{second_id}");
    world.change(&second, &json!({ "name": "shop" })).await.expect_problem(409, "name_taken");
    world.change(&format!("{path}/{}", first.text_at("id")), &json!({ "name": "Other" })).await.expect(200);
    world.change(&second, &json!({ "name": "shop" })).await.expect(200);
}

#[tokio::test]
async fn a4_a_partner_with_keys_or_sites_and_its_entity_cannot_be_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let partner = Partner::new(&world, &account).await;
    let entity = format!("/admin/v1/entities/{account}");
    for inside in [&partner.key.path, &partner.site.path] {
        world.delete(&partner.path).await.expect_problem(409, "in_use");
        world.delete(inside).await.expect(204);
    }
    world.delete(&entity).await.expect_problem(409, "in_use");
    world.delete(&partner.path).await.expect(204);
    world.delete(&entity).await.expect(204);
}

#[tokio::test]
async fn v02_a_key_is_shown_once() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let keys = format!("{}/keys", partner.path);
    let created = world.create(&keys, &json!({ "name": "second" })).await.expect(201);
    let key = created.text_at("api_key");
    assert_eq!(created.header("cache-control"), "no-store");
    assert_secret_format(&key, "tbpk_");
    let one = format!("{keys}/{}", created.text_at("id"));
    for answer in [
        world.read(&one).await.expect(200),
        world.read(&keys).await.expect(200),
        world.change(&one, &json!({ "name": "third" })).await.expect(200),
        world.read("/admin/v1/audit-log?limit=100").await.expect(200),
    ] {
        assert!(!answer.text.contains(&key) && !answer.text.contains("digest"), "{}", answer.text);
    }
    let listed = world.read(&keys).await.expect(200).ids("id");
    assert_eq!(listed.len(), 2);
    assert!(one.ends_with(&listed[1]), "in the order of creation");
    let first = world.read(&format!("{keys}?limit=1")).await.expect(200);
    let next = world.read(&format!("{keys}?limit=1&cursor={}", first.text_at("next_cursor"))).await;
    assert_eq!(next.expect(200).ids("id"), listed[1..]);
}

#[tokio::test]
async fn v02_a_partner_has_twenty_keys_at_most() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let keys = format!("{}/keys", partner.path);
    for _ in 1..20 {
        world.create(&keys, &json!({ "name": "another" })).await.expect(201);
    }
    world.create(&keys, &json!({ "name": "another" })).await.expect_problem(409, "limit_exceeded");
    world.delete(&partner.key.path).await.expect(204);
    world.create(&keys, &json!({ "name": "another" })).await.expect(201);
}

#[tokio::test]
async fn a4_a_replayed_create_shows_the_same_key() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    let keys = format!("{}/keys", partner.path);
    let once = uuid::Uuid::new_v4().to_string();
    let send = async |name: &str| {
        let call = world.post(&keys).with_token_of(&world.demo.admin_key).header("Idempotency-Key", &once);
        call.json(&json!({ "name": name })).send().await
    };
    let (first, again) = (send("web").await.expect(201), send("web").await.expect(201));
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(world.read(&keys).await.expect(200).ids("id").len(), 2);
    send("other").await.expect_problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a4_an_outdated_if_match_is_refused_for_partners_keys_and_sites() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.create_account().await).await;
    for path in [&partner.path, &partner.key.path, &partner.site.path] {
        let change = async |tag: &str| {
            let call = world.call(Method::PATCH, path).with_token_of(&world.demo.admin_key);
            call.header("If-Match", tag).json(&json!({ "status": "disabled" })).send().await
        };
        assert_eq!(world.read(path).await.expect(200).header("etag"), "\"1\"", "{path}");
        assert_eq!(change("\"1\"").await.expect(200).header("etag"), "\"2\"", "{path}");
        change("\"1\"").await.expect_problem(412, "precondition_failed");
        let call = world.call(Method::DELETE, path).with_token_of(&world.demo.admin_key);
        call.header("If-Match", "\"1\"").send().await.expect_problem(412, "precondition_failed");
    }
}

#[tokio::test]
async fn a4_an_invalid_field_is_named() {
    let world = World::shared();
    let account = world.create_account().await;
    let partners = format!("/admin/v1/entities/{account}/partners");
    let partner = Partner::new(&world, &account).await;
    let keys = format!("{}/keys", partner.path);
    for (path, name, value) in [
        (&partners, "name", json!("")),
        (&partners, "name", json!(null)),
        (&partners, "allow_get", json!("yes")),
        (&partners, "allow_get", json!(null)),
        (&partners, "trusted_forwarder", json!("yes")),
        (&partners, "trusted_forwarder", json!(null)),
        (&partners, "rate_limit", json!(null)),
        (&partners, "device_rate_limit", json!([5, 60])),
        (&partners, "device_rate_limit", json!({ "requests": 0, "seconds": 60 })),
        (&partners, "status", json!("active")),
        (&keys, "name", json!("x".repeat(101))),
        (&keys, "valid_until", json!("soon")),
        (&keys, "valid_until", json!(null)),
        (&keys, "api_key", json!("tbpk_mine")),
    ] {
        let mut body = json!({ "name": unique("x") });
        body[name] = value;
        let answer = world.create(path, &body).await.expect_problem(400, "invalid_request");
        let field = answer.text_at("field");
        assert!(field == name || field.starts_with(&format!("{name}.")), "{field} for {body}");
    }
}

#[tokio::test]
async fn a4_an_auditor_reads_partners_and_cannot_change_them() {
    let world = World::shared();
    let account = world.create_account().await;
    let partner = Partner::new(&world, &account).await;
    let auditor = world.create_key_with_role(&account, "auditor").await;
    let user = world.create_key_with_role(&account, "launchpad_user").await;
    for path in [&partner.path, &partner.key.path, &partner.site.path] {
        world.get(path).with_token_of(&auditor).send().await.expect(200);
        world.get(path).with_token_of(&user).send().await.expect_problem(403, "insufficient_scope");
        for method in [Method::PATCH, Method::DELETE] {
            let call = world.call(method, path).with_token_of(&auditor).json(&json!({}));
            call.send().await.expect_problem(403, "insufficient_scope");
        }
    }
    for path in [format!("{}/keys", partner.path), format!("{}/sites", partner.path)] {
        let call = world.post(&path).with_token_of(&auditor).json(&json!({ "name": "x" }));
        call.send().await.expect_problem(403, "insufficient_scope");
    }
    let rotate = world.post(&format!("{}/rotate", partner.site.path)).with_token_of(&auditor);
    rotate.send().await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn a6_partners_keys_and_sites_are_found_only_below_their_owner() {
    let world = World::shared();
    let account = world.create_account().await;
    let (partner, other) = (Partner::new(&world, &account).await, Partner::new(&world, &account).await);
    let last = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    let elsewhere = world.create_account().await;
    for path in [
        format!("/admin/v1/entities/{elsewhere}/partners/{}", last(&partner.path)),
        format!("/admin/v1/entities/{elsewhere}/partners/{}/keys", last(&partner.path)),
        format!("{}/keys/{}", other.path, last(&partner.key.path)),
        format!("{}/sites/{}", other.path, last(&partner.site.path)),
        format!("{}/keys/{}", partner.path, last(&partner.site.path)),
    ] {
        world.read(&path).await.expect_problem(404, "not_found");
    }
    let rival = &world.rival.admin_key;
    for path in [&partner.path, &partner.key.path, &partner.site.path] {
        world.get(path).with_token_of(rival).send().await.expect_problem(404, "not_found");
        for method in [Method::PATCH, Method::DELETE] {
            let call = world.call(method, path).with_token_of(rival).json(&json!({ "status": "disabled" }));
            call.send().await.expect_problem(404, "not_found");
        }
    }
    for path in [format!("{}/keys", partner.path), format!("{}/sites", partner.path)] {
        world.get(&path).with_token_of(rival).send().await.expect_problem(404, "not_found");
        let call = world.post(&path).with_token_of(rival).json(&json!({ "name": "x" }));
        call.send().await.expect_problem(404, "not_found");
    }
    partner.request_token(&world, "app-1").await.expect(200);
}
