//! Integrations and the role table in the Admin API (F3, A4).

use serde_json::json;

use crate::support::world::{World, unique};

#[tokio::test]
async fn f03_an_integration_is_created_read_updated_and_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/integrations");
    let grants = json!([
        { "role": "account_admin", "entity_id": account },
        { "role": "auditor", "entity_id": account },
    ]);
    let created = world.create(&path, &json!({ "name": "Web", "grants": grants })).await.expect(201);
    assert_eq!(created.json["grants"], grants);
    assert_eq!(created.header("etag"), "\"1\"");
    world.create(&path, &json!({ "name": "web", "grants": grants })).await.expect_problem(409, "name_taken");
    let one = format!("{path}/{}", created.text_at("id"));
    assert_eq!(world.read(&one).await.expect(200).json, created.json);
    assert_eq!(world.read(&path).await.expect(200).json["items"], json!([created.json]));
    let fewer = json!([{ "role": "auditor", "entity_id": account }]);
    let changed = world.change(&one, &json!({ "grants": fewer, "name": "Site" })).await.expect(200);
    assert_eq!((&changed.json["grants"], &changed.json["name"]), (&fewer, &json!("Site")));
    world.delete(&one).await.expect(204);
    world.read(&one).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn f03_a_grant_on_a_parent_or_unknown_entity_is_refused() {
    let world = World::shared();
    let account = world.create_account().await;
    let path = format!("/admin/v1/entities/{account}/integrations");
    let ghost = "account-01a1fd8d-3dcf-75c4-bdaa-93d15384ab40";
    for (entity, status, code) in [(&*world.demo.organization_id, 409, "conflict"), (ghost, 404, "not_found")]
    {
        let body = json!({ "name": "i", "grants": [{ "role": "auditor", "entity_id": entity }] });
        world.create(&path, &body).await.expect_problem(status, code);
    }
}

#[tokio::test]
async fn a_changed_grant_takes_effect() {
    let world = World::shared();
    let account = world.create_account().await;
    let (_, tokens) = world.create_provider(&account).await;
    let integration = world.create_integration(&account, "account_admin").await;
    let key = world.create_key(&account, &integration).await;
    world.request_token(&tokens, &key).await.expect(200);
    let body = json!({ "grants": [{ "role": "launchpad_user", "entity_id": account }] });
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}");
    world.change(&path, &body).await.expect(200);
    world.wait_for_status(403, async || world.request_token(&tokens, &key).await).await;
}

#[tokio::test]
async fn an_integration_with_keys_cannot_be_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let integration = world.create_integration(&account, "auditor").await;
    let key = world.create_key(&account, &integration).await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}");
    world.delete(&path).await.expect_problem(409, "in_use");
    world.delete(&format!("{path}/keys/{}", key.id)).await.expect(204);
    world.delete(&path).await.expect(204);
}

#[tokio::test]
async fn an_invalid_field_is_named() {
    let world = World::shared();
    let account = &world.demo.account_id;
    let path = format!("/admin/v1/entities/{account}/integrations");
    let grant = json!({ "role": "auditor", "entity_id": account });
    for (body, field) in [
        (json!({ "name": unique("i") }), "grants"),
        (json!({ "name": unique("i"), "grants": [] }), "grants"),
        (json!({ "name": unique("i"), "grants": vec![&grant; 2] }), "grants"),
        (
            json!({ "name": unique("i"), "grants": [{ "role": "king", "entity_id": account }] }),
            "grants[0].role",
        ),
        (json!({ "name": unique("i"), "grants": [{ "role": "auditor" }] }), "grants[0]"),
        (json!({ "name": unique("i"), "grants": "auditor" }), "grants"),
        (json!({ "grants": [grant] }), "name"),
    ] {
        world.create(&path, &body).await.expect_invalid(field);
    }
}

#[tokio::test]
async fn k06_a08_the_role_table_can_be_read() {
    let world = World::shared();
    let roles = world.read("/admin/v1/roles").await.expect(200);
    let items = roles.json["items"].as_array().expect("roles");
    let read: Vec<_> = items
        .iter()
        .map(|it| (it["role"].as_str().expect("a name"), it["rank"].as_u64(), it["administers"].as_bool()))
        .collect();
    let expected = [
        ("customer_admin", 3),
        ("organization_admin", 2),
        ("account_admin", 1),
        ("auditor", 0),
        ("support", 0),
        ("token_issuer", 0),
        ("introspector", 0),
        ("revoker", 0),
        ("launchpad_user", 0),
    ];
    assert_eq!(read, expected.map(|(role, rank)| (role, Some(rank), Some(rank > 0))));
}
