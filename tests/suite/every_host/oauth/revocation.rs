//! Token revocation (A2, RFC 7009).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::jwt;
use crate::support::oauth::REVOKE;
use crate::support::tenant::Key;
use crate::support::world::World;

async fn read_assertions(world: &World, token: &str) -> Answer {
    world.get("/v1/me/assertions").bearer(token).send().await
}

async fn list_entities(world: &World, token: &str) -> Answer {
    world.get("/admin/v1/entities").bearer(token).send().await
}

/// Asserts a 200 with an empty body.
#[track_caller]
fn assert_empty_200(response: Answer) {
    let answer = response.expect(200);
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a2_a_revoked_anonymous_token_is_refused_from_the_next_request_on() {
    let world = World::shared();
    let (token, other) = (world.anonymous_token().await, world.anonymous_token().await);
    let key = &world.demo.api_key;
    read_assertions(&world, &token).await.expect(200);
    assert!(world.introspect(key, &token).await.is_active());
    assert_empty_200(world.revoke(key, &token).await);
    assert!(!world.introspect(key, &token).await.is_active());
    read_assertions(&world, &token).await.expect_problem(401, "invalid_credentials");
    world.get("/api/rest/v1/me/assertions").bearer(&token).send().await.expect(401);
    read_assertions(&world, &other).await.expect(200);
    assert!(world.introspect(key, &other).await.is_active());
}

#[tokio::test]
async fn a2_a_revoked_bearer_token_is_refused_by_the_admin_api() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    let client = world.client_token(key, "entity:r").await;
    for token in [&access, &client] {
        list_entities(&world, token).await.expect(200);
        assert_empty_200(world.revoke(key, token).await);
        list_entities(&world, token).await.expect_problem(401, "invalid_credentials");
        assert!(!world.introspect(key, token).await.is_active());
    }
    let new = world.client_token(key, "entity:r").await;
    list_entities(&world, &new).await.expect(200);
}

#[tokio::test]
async fn a2_revoking_an_unknown_or_foreign_token_is_answered_200_without_effect() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let rival = world.redeem(&world.rival.admin_key).await.expect(200).text_at("token");
    for token in ["x", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoidSJ9.c2ln", &rival] {
        let hinted = [("token", token), ("token_type_hint", "refresh_token")];
        assert_empty_200(world.post_form(REVOKE, key, &hinted).await);
    }
    list_entities(&world, &rival).await.expect(200);
    assert!(world.introspect(&world.rival.admin_key, &rival).await.is_active());
    for parameters in [&[][..], &[("token", "")][..]] {
        world.post_form(REVOKE, key, parameters).await.expect_oauth_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a2_revocation_needs_the_token_write_scope_on_the_token_s_entity() {
    let world = World::shared();
    let anonymous = world.anonymous_token().await;
    let access = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let sibling = world.create_account().await;
    let refused: [(&str, Key); 3] = [
        ("an auditor", world.create_key_with_role(&world.demo.account_id, "auditor").await),
        ("a launchpad user", world.demo.launchpad_key.clone()),
        ("a sibling's admin", world.create_key_with_role(&sibling, "account_admin").await),
    ];
    for (case, key) in &refused {
        for token in [&anonymous, &access] {
            let answer = world.revoke(key, token).await;
            assert_eq!(answer.status, 400, "{case}");
            answer.expect_oauth_error(400, "unauthorized_client");
        }
    }
    read_assertions(&world, &anonymous).await.expect(200);
    list_entities(&world, &access).await.expect(200);
    for token in [&anonymous, &access] {
        assert_empty_200(world.revoke(&world.demo.admin_key, token).await);
        assert!(!world.introspect(&world.demo.admin_key, token).await.is_active());
    }
}

#[tokio::test]
async fn a2_a_key_revokes_its_own_tokens_whatever_its_role() {
    let world = World::shared();
    let key = &world.demo.launchpad_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    assert_empty_200(world.revoke(key, &access).await);
    assert!(!world.introspect(key, &access).await.is_active());
}

#[tokio::test]
async fn a2_a_token_can_be_revoked_twice_and_is_recorded_once() {
    let world = World::shared();
    let account = world.create_account().await;
    let (_, tokens) = world.create_provider(&account).await;
    let issued = world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
    let token = issued.json.as_str().expect("a token");
    for _ in 0..2 {
        assert_empty_200(world.revoke(&world.demo.admin_key, token).await);
    }
    let log = world.read_audit_log(&account).await;
    let items = log.json["items"].as_array().expect("items").clone();
    let revoked: Vec<_> = items.iter().filter(|item| item["action"] == "token.revoke").collect();
    assert_eq!(revoked.len(), 1, "{items:?}");
    let claims = jwt::claims(token);
    assert_eq!(revoked[0]["target"], json!({ "kind": "token", "id": claims["jti"] }));
    assert_eq!(revoked[0]["changes"], json!({ "kind": "secure_anonymous", "exp": claims["exp"] }));
    assert_eq!(revoked[0]["actor"], json!({ "client_id": world.demo.admin_key.id, "via": "api_key" }));
    assert!(!log.text.contains(token));
}

#[tokio::test]
async fn a2_a_token_of_a_disabled_provider_can_be_revoked() {
    let world = World::shared();
    let account = world.create_account().await;
    let (provider, tokens) = world.create_provider(&account).await;
    let issued = world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
    let token = issued.json.as_str().expect("a token");
    let path = format!("/admin/v1/entities/{account}/providers/{provider}");
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    assert_empty_200(world.revoke(&world.demo.admin_key, token).await);
    read_assertions(&world, token).await.expect(401);
}
