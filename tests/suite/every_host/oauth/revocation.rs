//! Token revocation (A2, RFC 7009).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::oauth::{REVOKE, claims};
use crate::support::tenant::Key;
use crate::support::world::World;

async fn assertions(world: &World, token: &str) -> Answer {
    world.get("/v1/me/assertions").bearer(token).send().await
}

async fn administers(world: &World, token: &str) -> Answer {
    world.get("/admin/v1/entities").bearer(token).send().await
}

/// 200 and nothing else to say.
fn accepted(answer: Answer) {
    let answer = answer.expect(200);
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a2_a_revoked_anonymous_token_is_refused_from_the_next_request_on() {
    let world = World::shared();
    let (token, other) = (world.anonymous_token().await, world.anonymous_token().await);
    let key = &world.demo.api_key;
    assertions(&world, &token).await.expect(200);
    assert!(world.introspect(key, &token).await.is_active());
    accepted(world.revoke(key, &token).await);
    assert!(!world.introspect(key, &token).await.is_active());
    assertions(&world, &token).await.expect_problem(401, "invalid_credentials");
    world.get("/api/rest/v1/me/assertions").bearer(&token).send().await.expect(401);
    assertions(&world, &other).await.expect(200);
    assert!(world.introspect(key, &other).await.is_active());
}

#[tokio::test]
async fn a2_a_revoked_bearer_token_is_refused_by_the_admin_api() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    let client = world.client_token(key, "entity:r").await;
    for token in [&access, &client] {
        administers(&world, token).await.expect(200);
        accepted(world.revoke(key, token).await);
        administers(&world, token).await.expect_problem(401, "invalid_credentials");
        assert!(!world.introspect(key, token).await.is_active());
    }
    let new = world.client_token(key, "entity:r").await;
    administers(&world, &new).await.expect(200);
}

#[tokio::test]
async fn a2_revoking_an_unknown_or_foreign_token_is_answered_200_without_effect() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let rival = world.redeem(&world.rival.admin_key).await.expect(200).text_at("token");
    for token in ["x", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoidSJ9.c2ln", &rival] {
        let hinted = [("token", token), ("token_type_hint", "refresh_token")];
        accepted(world.ask(REVOKE, key, &hinted).await);
    }
    administers(&world, &rival).await.expect(200);
    assert!(world.introspect(&world.rival.admin_key, &rival).await.is_active());
    for parameters in [&[][..], &[("token", "")][..]] {
        world.ask(REVOKE, key, parameters).await.expect_oauth_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a2_revocation_needs_the_token_write_scope_on_the_token_s_entity() {
    let world = World::shared();
    let anonymous = world.anonymous_token().await;
    let access = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let sibling = world.account().await;
    let refused: [(&str, Key); 3] = [
        ("an auditor", world.key(&world.demo.account_id, "auditor").await),
        ("a launchpad user", world.demo.launchpad_key.clone()),
        ("a sibling's admin", world.key(&sibling, "account_admin").await),
    ];
    for (case, key) in &refused {
        for token in [&anonymous, &access] {
            let answer = world.revoke(key, token).await;
            assert_eq!(answer.status, 400, "{case}");
            answer.expect_oauth_error(400, "unauthorized_client");
        }
    }
    assertions(&world, &anonymous).await.expect(200);
    administers(&world, &access).await.expect(200);
    for token in [&anonymous, &access] {
        accepted(world.revoke(&world.demo.admin_key, token).await);
        assert!(!world.introspect(&world.demo.admin_key, token).await.is_active());
    }
}

#[tokio::test]
async fn a2_a_key_revokes_its_own_tokens_whatever_its_role() {
    let world = World::shared();
    let key = &world.demo.launchpad_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    accepted(world.revoke(key, &access).await);
    assert!(!world.introspect(key, &access).await.is_active());
}

#[tokio::test]
async fn a2_a_token_can_be_revoked_twice_and_is_recorded_once() {
    let world = World::shared();
    let account = world.account().await;
    let (_, tokens) = world.provider(&account).await;
    let token = world.token(&tokens, &world.demo.admin_key).await.expect(200).json;
    let token = token.as_str().expect("a token");
    for _ in 0..2 {
        accepted(world.revoke(&world.demo.admin_key, token).await);
    }
    let log = world.read(&format!("/admin/v1/audit-log?entity_id={account}")).await.expect(200);
    let items = log.json["items"].as_array().expect("items").clone();
    let revoked: Vec<_> = items.iter().filter(|item| item["action"] == "token.revoke").collect();
    assert_eq!(revoked.len(), 1, "{items:?}");
    let said = claims(token);
    assert_eq!(revoked[0]["target"], json!({ "kind": "token", "id": said["jti"] }));
    assert_eq!(revoked[0]["changes"], json!({ "kind": "secure_anonymous", "exp": said["exp"] }));
    assert_eq!(revoked[0]["actor"], json!({ "client_id": world.demo.admin_key.id, "via": "api_key" }));
    assert!(!log.text.contains(token));
}

#[tokio::test]
async fn a2_a_token_of_a_disabled_provider_can_be_revoked() {
    let world = World::shared();
    let account = world.account().await;
    let (provider, tokens) = world.provider(&account).await;
    let token = world.token(&tokens, &world.demo.admin_key).await.expect(200).json;
    let token = token.as_str().expect("a token");
    let path = format!("/admin/v1/entities/{account}/providers/{provider}");
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    accepted(world.revoke(&world.demo.admin_key, token).await);
    assertions(&world, token).await.expect(401);
}
