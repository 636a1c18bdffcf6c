//! Window F: which keys may request tokens (F1–F5, F16).

use serde_json::json;

use crate::support::world::World;

#[tokio::test]
async fn f03_f05_an_auditor_and_a_launchpad_user_cannot_generate_tokens() {
    let world = World::shared();
    let auditor = world.create_key_with_role(&world.demo.account_id, "auditor").await;
    for key in [&world.demo.launchpad_key, &auditor] {
        world.request_token(&world.demo_tokens(), key).await.expect_problem(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn f16_the_right_can_come_from_an_ancestor_but_not_from_a_sibling() {
    let world = World::shared();
    let (account, sibling) = (world.create_account().await, world.create_account().await);
    let (_, tokens) = world.create_provider(&account).await;
    let above = world.create_key_with_role(&world.demo.organization_id, "organization_admin").await;
    let beside = world.create_key_with_role(&sibling, "account_admin").await;
    world.request_token(&tokens, &above).await.expect(200);
    world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
    world.request_token(&tokens, &beside).await.expect_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn f01_a_disabled_entity_refuses_tokens_below_it_until_it_is_active_again() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let (_, tokens) = world.create_provider(&account).await;
    let key = world.create_key_with_role(&account, "account_admin").await;
    world.request_token(&tokens, &key).await.expect(200);
    let entity = format!("/admin/v1/entities/{organization}");
    world.change(&entity, &json!({ "status": "disabled" })).await.expect(200);
    world.wait_for_status(403, async || world.request_token(&tokens, &key).await).await;
    let refused =
        world.wait_for_status(403, async || world.request_token(&tokens, &world.demo.admin_key).await).await;
    assert_eq!(refused.json["code"], "entity_disabled");
    world.change(&entity, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || world.request_token(&tokens, &key).await).await;
}

#[tokio::test]
async fn f02_a_switch_that_is_off_stops_keys_and_providers_and_keeps_them_stored() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let (_, tokens) = world.create_provider(&account).await;
    let key = world.create_key_with_role(&account, "account_admin").await;
    let entity = format!("/admin/v1/entities/{organization}");
    world.change(&entity, &json!({ "api_enabled": false })).await.expect(200);
    world.wait_for_status(403, async || world.request_token(&tokens, &key).await).await;
    world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
    world
        .change(&entity, &json!({ "api_enabled": true, "secure_anonymous_enabled": false }))
        .await
        .expect(200);
    world.wait_for_status(403, async || world.request_token(&tokens, &world.demo.admin_key).await).await;
    world.change(&entity, &json!({ "secure_anonymous_enabled": true })).await.expect(200);
    world.wait_for_status(200, async || world.request_token(&tokens, &key).await).await;
}

#[tokio::test]
async fn f16_a_disabled_or_deleted_key_gets_401() {
    let world = World::shared();
    let integration = world.create_integration(&world.demo.account_id, "account_admin").await;
    let key = world.create_key(&world.demo.account_id, &integration).await;
    let tokens = world.demo_tokens();
    world.request_token(&tokens, &key).await.expect(200);
    let path =
        format!("/admin/v1/entities/{}/integrations/{integration}/keys/{}", world.demo.account_id, key.id);
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    world.wait_for_status(401, async || world.request_token(&tokens, &key).await).await;
    world.change(&path, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || world.request_token(&tokens, &key).await).await;
    world.delete(&path).await.expect(204);
    world.wait_for_status(401, async || world.request_token(&tokens, &key).await).await;
}

#[tokio::test]
async fn f07_a_disabled_or_deleted_provider_issues_no_token() {
    let world = World::shared();
    let account = world.create_account().await;
    let (provider, tokens) = world.create_provider(&account).await;
    let path = format!("/admin/v1/entities/{account}/providers/{provider}");
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    world.wait_for_status(403, async || world.request_token(&tokens, &world.demo.admin_key).await).await;
    world.delete(&path).await.expect(204);
    world.wait_for_status(404, async || world.request_token(&tokens, &world.demo.admin_key).await).await;
}
