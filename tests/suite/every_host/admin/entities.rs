//! Entities in the Admin API (F1, F2, A4).

use reqwest::Method;
use serde_json::json;

use super::read_all_pages;
use crate::support::world::{World, unique};

const ENTITIES: &str = "/admin/v1/entities";

#[tokio::test]
async fn f01_entities_form_a_tree_of_three_levels() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let read = world.read(&format!("{ENTITIES}/{account}")).await.expect(200);
    assert_eq!(read.json["kind"], "account");
    assert_eq!(read.json["parent_id"], *organization);
    assert_eq!(read.json["status"], "active");
    let below = json!({ "parent_id": account, "name": "x" });
    world.create(ENTITIES, &below).await.expect_invalid("parent_id");
    let wrong = json!({ "parent_id": organization, "name": "x", "kind": "organization" });
    world.create(ENTITIES, &wrong).await.expect_invalid("kind");
}

#[tokio::test]
async fn names_are_unique_among_siblings_whatever_their_case() {
    let world = World::shared();
    let (one, two) = (
        world.create_entity(&world.demo.customer_id).await,
        world.create_entity(&world.demo.customer_id).await,
    );
    let body = |parent: &str, name: &str| json!({ "parent_id": parent, "name": name });
    world.create(ENTITIES, &body(&one, "Straße")).await.expect(201);
    world.create(ENTITIES, &body(&one, "STRAßE")).await.expect_problem(409, "name_taken");
    world.create(ENTITIES, &body(&two, "Straße")).await.expect(201);
    let renamed = world.create(ENTITIES, &body(&one, "Weg")).await.expect(201).text_at("id");
    let path = format!("{ENTITIES}/{renamed}");
    world.change(&path, &json!({ "name": "straße" })).await.expect_problem(409, "name_taken");
    world.change(&path, &json!({ "name": "WEG" })).await.expect(200);
    world.change(&path, &json!({ "name": "Gasse" })).await.expect(200);
    world.create(ENTITIES, &body(&one, "Weg")).await.expect(201);
}

#[tokio::test]
async fn an_entity_in_use_cannot_be_deleted() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let (above, path) = (format!("{ENTITIES}/{organization}"), format!("{ENTITIES}/{account}"));
    world.delete(&above).await.expect_problem(409, "in_use");
    let (provider, _) = world.create_provider(&account).await;
    world.delete(&path).await.expect_problem(409, "in_use");
    world.delete(&format!("{path}/providers/{provider}")).await.expect(204);
    let body = json!({ "name": "i", "grants": [{ "role": "auditor", "entity_id": account }] });
    let integration = world.create(&format!("{above}/integrations"), &body).await.expect(201).text_at("id");
    world.delete(&path).await.expect_problem(409, "in_use");
    world.delete(&format!("{above}/integrations/{integration}")).await.expect(204);
    world.delete(&path).await.expect(204);
    world.read(&path).await.expect_problem(404, "not_found");
    world.delete(&above).await.expect(204);
}

#[tokio::test]
async fn an_entity_cannot_move_to_another_parent() {
    let world = World::shared();
    let (one, two) = (
        world.create_entity(&world.demo.customer_id).await,
        world.create_entity(&world.demo.customer_id).await,
    );
    let account = world.create_entity(&one).await;
    let path = format!("{ENTITIES}/{account}");
    world.change(&path, &json!({ "parent_id": one })).await.expect(200);
    for parent in [&two, &account] {
        world.change(&path, &json!({ "parent_id": parent })).await.expect_problem(409, "cycle");
    }
    let circle = world.change(&format!("{ENTITIES}/{one}"), &json!({ "parent_id": account })).await;
    circle.expect_problem(409, "cycle");
}

#[tokio::test]
async fn a4_an_update_or_delete_with_a_stale_etag_is_refused() {
    let world = World::shared();
    let path = format!("{ENTITIES}/{}", world.create_account().await);
    let read = world.read(&path).await.expect(200);
    let tag = read.header("etag").to_owned();
    let change = async |tag: &str| {
        let call =
            world.call(Method::PATCH, &path).with_token_of(&world.demo.admin_key).header("If-Match", tag);
        call.json(&json!({ "name": unique("entity") })).send().await
    };
    let changed = change(&tag).await.expect(200);
    assert_ne!(changed.header("etag"), tag);
    change(&tag).await.expect_problem(412, "precondition_failed");
    change("*").await.expect(200);
    change("W/x").await.expect_invalid("if-match");
    let delete =
        world.call(Method::DELETE, &path).with_token_of(&world.demo.admin_key).header("If-Match", &tag);
    delete.send().await.expect_problem(412, "precondition_failed");
}

#[tokio::test]
async fn a4_every_item_of_a_list_is_on_exactly_one_page() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(world.create_entity(&organization).await);
    }
    let listed =
        read_all_pages(&world, &format!("{ENTITIES}?parent_id={organization}&limit=2"), 2, "id").await;
    assert_eq!(listed, created, "every entity once, in the order of creation");
}

#[tokio::test]
async fn the_list_of_granted_entities_is_paged() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let (one, two) = (world.create_entity(&organization).await, world.create_entity(&organization).await);
    let grants = json!([{ "role": "auditor", "entity_id": one }, { "role": "auditor", "entity_id": two }]);
    let path = format!("{ENTITIES}/{organization}/integrations");
    let created = world.create(&path, &json!({ "name": "both", "grants": grants })).await.expect(201);
    let key = world.create_key(&organization, &created.text_at("id")).await;
    let page =
        async |query: &str| world.get(&format!("{ENTITIES}?limit=1{query}")).with_token_of(&key).send().await;
    let first = page("").await.expect(200);
    let second = page(&format!("&cursor={}", first.text_at("next_cursor"))).await.expect(200);
    assert_eq!([first.ids("id"), second.ids("id")].concat(), [one, two]);
    assert!(second.json["next_cursor"].is_null());
}

#[tokio::test]
async fn a_list_refuses_invalid_parameters() {
    let world = World::shared();
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=%2B5", "limit"),
        ("cursor=%23", "cursor"),
        ("cursor=", "cursor"),
        ("limit=1&limit=2", "limit"),
        ("parent_id=x", "parent_id"),
    ] {
        world.read(&format!("{ENTITIES}?{query}")).await.expect_invalid(field);
    }
}

#[tokio::test]
async fn a_repeated_create_with_an_idempotency_key_creates_once() {
    let world = World::shared();
    let key = uuid::Uuid::new_v4().to_string();
    let send = async |key: &str, name: &str| {
        let body = json!({ "parent_id": world.demo.organization_id, "name": name });
        let call = world.post(ENTITIES).with_token_of(&world.demo.admin_key).header("Idempotency-Key", key);
        call.json(&body).send().await
    };
    let name = unique("entity");
    let (first, again) = (send(&key, &name).await.expect(201), send(&key, &name).await.expect(201));
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(again.header("idempotent-replayed"), "true");
    send(&key, &unique("entity")).await.expect_problem(422, "idempotency_key_reused");
    send(&unique("k").replace(' ', "-"), &name).await.expect_problem(409, "name_taken");
    for bad in ["", "has space", &"x".repeat(129)] {
        send(bad, &name).await.expect_invalid("idempotency-key");
    }
}

#[tokio::test]
async fn an_invalid_field_is_named() {
    let world = World::shared();
    let parent = &world.demo.organization_id;
    for (body, field) in [
        (json!({ "parent_id": parent }), "name"),
        (json!({ "name": "x" }), "parent_id"),
        (json!({ "parent_id": "x", "name": "x" }), "parent_id"),
        (json!({ "parent_id": parent, "name": "" }), "name"),
        (json!({ "parent_id": parent, "name": "x".repeat(101) }), "name"),
        (json!({ "parent_id": parent, "name": "a\nb" }), "name"),
        (json!({ "parent_id": parent, "name": 1 }), "name"),
        (json!({ "parent_id": parent, "name": "x", "status": "off" }), "status"),
        (json!({ "parent_id": parent, "name": "x", "api_enabled": "yes" }), "api_enabled"),
        (json!({ "parent_id": parent, "name": "x", "colour": "red" }), "colour"),
    ] {
        world.create(ENTITIES, &body).await.expect_invalid(field);
    }
    let path = format!("{ENTITIES}/{}", world.demo.account_id);
    for (body, field) in [
        (json!({ "status": null }), "status"),
        (json!({ "name": null }), "name"),
        (json!({ "id": "x" }), "id"),
        (json!([]), "body"),
    ] {
        world.change(&path, &body).await.expect_invalid(field);
    }
    world.change(&path, &json!({})).await.expect(200);
}
