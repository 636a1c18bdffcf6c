//! Grants of own APIs to integrations (A7).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::OwnApi;
use crate::support::world::{World, unique};

#[tokio::test]
async fn a7_an_integration_is_granted_scopes_of_an_api() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &world.demo.account_id, json!({})).await;
    let integrations = format!("/admin/v1/entities/{account}/integrations");
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = json!({ "name": unique("i"), "grants": grants, "api_grants": api.grants("orders:read") });
    let created = world.create(&integrations, &body).await.expect(201);
    assert_eq!(created.json["api_grants"], body["api_grants"]);
    let one = format!("{integrations}/{}", created.text_at("id"));
    assert_eq!(world.read(&one).await.expect(200).json, created.json);
    let more = json!({ "api_grants": api.grants("orders:read orders:write") });
    assert_eq!(world.change(&one, &more).await.expect(200).json["api_grants"], more["api_grants"]);
    let none = world.change(&one, &json!({ "api_grants": [] })).await.expect(200);
    assert_eq!(none.json["api_grants"], json!([]));
    let bare = world.create_integration(&account, "auditor").await;
    assert_eq!(world.read(&format!("{integrations}/{bare}")).await.expect(200).json["api_grants"], json!([]));
}

#[tokio::test]
async fn a7_only_an_api_of_the_same_customer_and_its_scopes_are_granted() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let integration = world.create_integration(&account, "launchpad_user").await;
    let path = format!("/admin/v1/entities/{account}/integrations/{integration}");
    let rivals = format!("/admin/v1/entities/{}/apis", world.rival.account_id);
    let rivals = world.post(&rivals).with_token_of(&world.rival.admin_key);
    let foreign = rivals.json(&crate::support::api::api_fields()).send().await.expect(201).text_at("id");
    let unknown = "api-0195f3a0-1111-7222-8333-444455556666";
    for id in [&*foreign, unknown] {
        let grants = json!([{ "api_id": id, "scopes": ["orders:read"] }]);
        let refused =
            world.change(&path, &json!({ "api_grants": grants })).await.expect_problem(404, "not_found");
        assert_eq!(refused.json["field"], "api_grants");
    }
    let twice: Vec<Value> =
        [api.grants("orders:read")[0].clone(), api.grants("orders:write")[0].clone()].into();
    for grants in [
        api.grants("orders:delete"),
        json!(twice),
        json!([{ "api_id": api.id }]),
        json!([{ "api_id": "api-1", "scopes": [] }]),
        json!([{ "api_id": api.id, "scopes": ["a b"] }]),
        json!(vec![api.grants("orders:read")[0].clone(); 11]),
        Value::Null,
    ] {
        let refused = world.change(&path, &json!({ "api_grants": grants })).await;
        let refused = refused.expect_problem(400, "invalid_request");
        assert!(refused.text_at("field").starts_with("api_grants"), "{}", refused.text);
    }
}

/// Whoever changes an integration or makes keys for it can use its grants, so the caller must be able to give them.
#[tokio::test]
async fn a7_only_a_caller_who_may_write_the_api_grants_it_and_makes_keys_with_it() {
    let world = World::shared();
    let account = world.create_account().await;
    let sibling = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let admin = world.create_key_with_role(&sibling, "account_admin").await;
    let bare = world.create_integration(&sibling, "launchpad_user").await;
    let bare = format!("/admin/v1/entities/{sibling}/integrations/{bare}");
    let (granted, key) = api.grant(&world, &sibling, "orders:read").await;
    let patch = json!({ "api_grants": api.grants("orders:read") });
    let call = |method: Method, path: &str, body: &Value| {
        world.call(method, path).with_token_of(&admin).json(body).send()
    };
    let keys = format!("{granted}/keys");
    for (method, path, body) in [
        (Method::PATCH, bare.clone(), patch),
        (Method::PATCH, granted.clone(), json!({ "name": unique("renamed") })),
        (Method::PATCH, granted.clone(), json!({ "api_grants": [] })),
        (Method::POST, keys.clone(), json!({ "name": unique("key") })),
        (Method::POST, format!("{keys}/{}/rotate", key.id), json!({})),
        (Method::PATCH, format!("{keys}/{}", key.id), json!({ "status": "disabled" })),
        (Method::DELETE, format!("{keys}/{}", key.id), json!({})),
        (Method::DELETE, granted.clone(), json!({})),
    ] {
        call(method, &path, &body).await.expect_problem(403, "insufficient_scope");
    }
    let with_api = world.create_key_with_role(&world.demo.organization_id, "organization_admin").await;
    let renamed = world.call(Method::PATCH, &granted).with_token_of(&with_api);
    renamed.json(&json!({ "name": unique("renamed") })).send().await.expect(200);
}

#[tokio::test]
async fn a7_a_narrowed_token_without_the_api_scope_makes_no_keys_with_grants_of_apis() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (granted, _) = api.grant(&world, &account, "orders:read").await;
    let keys = format!("{granted}/keys");
    for (scope, status) in [("api_key:rw", 403), ("api_key:rw api:r", 403), ("api_key:rw api:rw", 201)] {
        let token = world.client_token(&world.demo.admin_key, scope).await;
        let body = json!({ "name": unique("key") });
        world.post(&keys).bearer(&token).json(&body).send().await.expect(status);
    }
}

#[tokio::test]
async fn a7_a_grant_of_a_deleted_api_gives_nothing_and_blocks_no_change() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (granted, key) = api.grant(&world, &account, "orders:read").await;
    world.delete(&api.path).await.expect(204);
    let refused = async || api.request(&world, &key, &[]).await;
    world.wait_for_status(400, refused).await.expect_oauth_error(400, "invalid_target");
    world.change(&granted, &json!({ "name": unique("renamed") })).await.expect(200);
    world.change(&granted, &json!({ "api_grants": [] })).await.expect(200);
}
