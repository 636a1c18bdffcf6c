//! Token introspection (A2, RFC 7662) of tokens of F, K and the OAuth endpoint.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::jwt::{claims, tampered};
use crate::support::oauth::INTROSPECT;
use crate::support::world::World;

#[tokio::test]
async fn a2_introspection_of_an_active_token_returns_its_claims_and_kind() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    let client = world.client_token(key, "token:r").await;
    let body = json!({ "first_name": "Ada", "email": "a@example.org", "metadata": { "a": [1, null] } });
    let issued = world.post(&world.demo_tokens()).signed(key).json(&body).send().await.expect(200);
    let anonymous = issued.json.as_str().expect("a token");
    for (kind, token) in [("secure_anonymous", anonymous), ("access", &*access), ("client", &*client)] {
        let answer = world.introspect(key, token).await;
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let mut expected = claims(token);
        expected["active"] = json!(true);
        expected["kind"] = json!(kind);
        expected["token_type"] = json!("Bearer");
        assert_eq!(answer.json, expected, "{kind}");
        for member in ["iss", "sub", "aud", "iat", "exp", "jti", "scope"] {
            assert!(answer.json.get(member).is_some(), "{kind} {member}");
        }
    }
}

#[tokio::test]
async fn a2_every_invalid_token_is_introspected_as_inactive() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let anonymous = world.anonymous_token().await;
    let access = world.redeem(key).await.expect(200).text_at("token");
    let (signed, signature) = access.rsplit_once('.').expect("three parts");
    for (case, token) in [
        ("no token", "x".to_owned()),
        ("dots", "..".to_owned()),
        ("many dots", ".".repeat(20)),
        ("tampered", tampered(&anonymous)),
        ("tampered access", tampered(&access)),
        ("unsigned", format!("{signed}.")),
        ("cut", signed.to_owned()),
        ("padded", format!("{access}=")),
        ("trailing", format!("{access} ")),
        ("leading", format!(" {access}")),
        ("two signatures", format!("{access}.{signature}")),
        ("none", "eyJhbGciOiJub25lIn0.eyJ1c2VyIjoidSJ9.".to_owned()),
        ("unknown secret", "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoidSJ9.c2ln".to_owned()),
        ("no JSON", "e30.e30.e30".to_owned()),
        ("Unicode", "\u{1f511}".to_owned()),
        ("long", "a.".repeat(20_000)),
    ] {
        let answer = world.introspect(key, &token).await;
        assert!(!answer.is_active(), "{case}");
        let hinted = [("token", &*token), ("token_type_hint", "access_token")];
        assert_eq!(world.post_form(INTROSPECT, key, &hinted).await.expect(200).text, answer.text, "{case}");
    }
    let invalid_project = &[("token", "x"), ("project_id", "project-1")][..];
    for parameters in [&[][..], &[("token", "")][..], &[("tokens", "x")][..], invalid_project] {
        let answer = world.post_form(INTROSPECT, key, parameters).await;
        answer.expect_oauth_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a2_introspection_needs_the_token_scope_on_the_token_s_entity() {
    let world = World::shared();
    let anonymous = world.anonymous_token().await;
    let access = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let sibling = world.create_account().await;
    for (case, key, active) in [
        ("the account's", world.demo.api_key.clone(), true),
        ("the customer's", world.demo.admin_key.clone(), true),
        (
            "an auditor's above",
            world.create_key_with_role(&world.demo.organization_id, "auditor").await,
            true,
        ),
        ("a launchpad user's", world.demo.launchpad_key.clone(), false),
        ("a sibling's", world.create_key_with_role(&sibling, "account_admin").await, false),
        ("another customer's", world.rival.admin_key.clone(), false),
    ] {
        for token in [&anonymous, &access] {
            assert_eq!(world.introspect(&key, token).await.is_active(), active, "{case}");
        }
    }
}

#[tokio::test]
async fn a2_a_key_introspects_its_own_tokens_whatever_its_role() {
    let world = World::shared();
    let key = &world.demo.launchpad_key;
    let access = world.redeem(key).await.expect(200).text_at("token");
    let client = world.client_token(key, "launchpad:r").await;
    for token in [access, client] {
        assert_eq!(world.introspect(key, &token).await.text_at("client_id"), key.id);
    }
}

#[tokio::test]
async fn a6_tokens_of_another_customer_are_introspected_as_inactive() {
    let world = World::shared();
    let unknown = world.introspect(&world.rival.admin_key, "x").await;
    let tokens = [
        world.anonymous_token().await,
        world.redeem(&world.demo.api_key).await.expect(200).text_at("token"),
        world.client_token(&world.demo.api_key, "token:r").await,
    ];
    for token in tokens {
        let answer = world.introspect(&world.rival.admin_key, &token).await;
        assert_eq!(answer.text, unknown.text);
        let compared_headers =
            ["content-type", "content-length", "cache-control", "pragma", "ratelimit-policy"];
        for name in compared_headers {
            assert_eq!(answer.header(name), unknown.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a2_a_token_is_inactive_once_its_key_provider_or_entity_is_disabled_or_deleted() {
    let world = World::shared();
    let admin = &world.demo.admin_key;
    for off in [
        ("entity", json!({ "status": "disabled" })),
        ("entity", json!({ "secure_anonymous_enabled": false })),
        ("provider", json!({ "status": "disabled" })),
        ("provider", Value::Null),
    ] {
        let account = world.create_account().await;
        let (provider, tokens) = world.create_provider(&account).await;
        let issued = world.request_token(&tokens, admin).await.expect(200);
        let token = issued.json.as_str().expect("a token");
        assert!(world.introspect(admin, token).await.is_active());
        let entity = format!("/admin/v1/entities/{account}");
        change_or_delete(&world, &off, &entity, &format!("{entity}/providers/{provider}")).await;
        world.wait_until_inactive(admin, token).await;
    }
    for off in [
        ("entity", json!({ "status": "disabled" })),
        ("entity", json!({ "api_enabled": false })),
        ("key", json!({ "status": "disabled" })),
        ("key", Value::Null),
    ] {
        let account = world.create_account().await;
        let integration = world.create_integration(&account, "account_admin").await;
        let key = world.create_key(&account, &integration).await;
        let access = world.redeem(&key).await.expect(200).text_at("token");
        let client = world.client_token(&key, "").await;
        assert!(world.introspect(admin, &access).await.is_active());
        let entity = format!("/admin/v1/entities/{account}");
        let of_key = format!("{entity}/integrations/{integration}/keys/{}", key.id);
        change_or_delete(&world, &off, &entity, &of_key).await;
        world.wait_until_inactive(admin, &access).await;
        world.wait_until_inactive(admin, &client).await;
    }
}

/// Changes the entity or its resource. A change of `null` deletes it.
async fn change_or_delete(world: &World, (target, change): &(&str, Value), entity: &str, resource: &str) {
    let path = if *target == "entity" { entity } else { resource };
    if change.is_null() {
        let call = world.call(Method::DELETE, path).with_token_of(&world.demo.admin_key);
        call.send().await.expect(204);
    } else {
        world.change(path, change).await.expect(200);
    }
}
