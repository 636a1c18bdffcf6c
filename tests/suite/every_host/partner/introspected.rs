//! Window V: what introspection says of its tokens (V9, A6).

use serde_json::json;

use crate::support::partner::{Partner, claims};
use crate::support::world::World;

#[tokio::test]
async fn v09_introspection_returns_all_claims() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let answer = partner.token(&world, "app-1").await.expect(200);
    let told = world.introspect(key, &answer.text_at("authorizationToken")).await;
    let mut expected = claims(&answer, &partner.site.secret);
    expected["active"] = json!(true);
    expected["kind"] = json!("anonymous_device");
    expected["token_type"] = json!("Bearer");
    expected["sub"] = expected["userId"].clone();
    assert_eq!(told.json, expected);
}

#[tokio::test]
async fn v09_a_token_of_a_rotated_secret_is_active_until_that_secret_ends() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let old = partner.token(&world, "app-1").await.expect(200).text_at("authorizationToken");
    let rotate = format!("{}/rotate", partner.site.path);
    world.create(&rotate, &json!({})).await.expect(201);
    assert!(world.introspect(key, &old).await.is_active());
    world.create(&rotate, &json!({ "valid_until": "2020-01-01T00:00:00Z" })).await.expect(201);
    ends(&world, &old).await;
}

#[tokio::test]
async fn v09_a_token_is_inactive_once_its_site_partner_or_entity_is_disabled() {
    let world = World::shared();
    for what in ["site", "partner", "entity"] {
        let account = world.account().await;
        let partner = Partner::new(&world, &account).await;
        let token = partner.token(&world, "app-1").await.expect(200).text_at("authorizationToken");
        let admin = &world.demo.admin_key;
        assert!(world.introspect(admin, &token).await.is_active(), "{what}");
        let entity = format!("/admin/v1/entities/{account}");
        let path = match what {
            "site" => &partner.site.path,
            "partner" => &partner.path,
            _ => &entity,
        };
        world.change(path, &json!({ "status": "disabled" })).await.expect(200);
        ends(&world, &token).await;
    }
}

#[tokio::test]
async fn v09_a6_a_token_is_introspected_and_revoked_only_by_its_own_tenant() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let token = partner.token(&world, "app-1").await.expect(200).text_at("authorizationToken");
    assert!(!world.introspect(&world.rival.admin_key, &token).await.is_active());
    world.revoke(&world.rival.admin_key, &token).await.expect(200);
    assert!(world.introspect(&world.demo.api_key, &token).await.is_active(), "not the rival's to revoke");
    world.revoke(&world.demo.api_key, &token).await.expect(200);
    ends(&world, &token).await;
}

/// Introspects until the token does not count, within the published bound.
async fn ends(world: &World, token: &str) {
    let ask = async || {
        let mut answer = world.introspect(&world.demo.admin_key, token).await;
        if answer.is_active() {
            answer.status = reqwest::StatusCode::ACCEPTED;
        }
        answer
    };
    world.eventually(200, ask).await;
}
