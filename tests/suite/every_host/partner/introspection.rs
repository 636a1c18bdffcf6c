//! Window V: introspection of its tokens (V9, A6).

use serde_json::json;

use crate::support::partner::{Partner, introspection_response, verified_claims};
use crate::support::world::World;

#[tokio::test]
async fn v09_introspection_returns_all_claims() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answer = partner.request_token(&world, "app-1").await.expect(200);
    let introspected = world.introspect(key, &answer.text_at("authorizationToken")).await;
    let expected = introspection_response(verified_claims(&answer, &partner.site.secret));
    assert_eq!(introspected.json, expected);
}

#[tokio::test]
async fn v09_a_token_of_a_rotated_secret_is_active_until_that_secret_ends() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let old = partner.site_token(&world).await;
    let rotate = format!("{}/rotate", partner.site.path);
    world.create(&rotate, &json!({})).await.expect(201);
    assert!(world.introspect(key, &old).await.is_active());
    world.create(&rotate, &json!({ "valid_until": "2020-01-01T00:00:00Z" })).await.expect(201);
    world.wait_until_inactive(&world.demo.admin_key, &old).await;
}

#[tokio::test]
async fn v09_a_token_is_inactive_once_its_site_partner_or_entity_is_disabled() {
    let world = World::shared();
    for what in ["site", "partner", "entity"] {
        let account = world.create_account().await;
        let partner = Partner::new(&world, &account).await;
        let token = partner.site_token(&world).await;
        let admin = &world.demo.admin_key;
        assert!(world.introspect(admin, &token).await.is_active(), "{what}");
        let entity = format!("/admin/v1/entities/{account}");
        let path = match what {
            "site" => &partner.site.path,
            "partner" => &partner.path,
            _ => &entity,
        };
        world.change(path, &json!({ "status": "disabled" })).await.expect(200);
        world.wait_until_inactive(admin, &token).await;
    }
}

#[tokio::test]
async fn v09_a6_a_token_is_introspected_and_revoked_only_by_its_own_tenant() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let token = partner.site_token(&world).await;
    assert!(!world.introspect(&world.rival.admin_key, &token).await.is_active());
    world.revoke(&world.rival.admin_key, &token).await.expect(200);
    assert!(
        world.introspect(&world.demo.api_key, &token).await.is_active(),
        "another tenant cannot revoke it"
    );
    world.revoke(&world.demo.api_key, &token).await.expect(200);
    world.wait_until_inactive(&world.demo.admin_key, &token).await;
}
