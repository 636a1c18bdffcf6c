//! Window V: a partner introspects the tokens of its own sites with its key (V10).

use serde_json::json;

use crate::support::call::Answer;
use crate::support::jwt::tampered;
use crate::support::oauth::{INTROSPECT, REVOKE};
use crate::support::partner::{
    Partner, create_partner_key, create_site, introspection_response, site_token_path, verified_claims,
};
use crate::support::world::World;

/// Introspects `token` with a partner's key.
async fn introspect(world: &World, key: &str, token: &str) -> Answer {
    world.post(INTROSPECT).header("x-api-key", key).form(&[("token", token)]).send().await
}

#[tokio::test]
async fn v10_a_partner_introspects_the_tokens_of_its_sites_with_its_key() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let issued = partner.request_token(&world, "app-1").await.expect(200);
    let token = issued.text_at("authorizationToken");
    let answer = introspect(&world, &partner.key.key, &token).await.expect(200);
    assert_eq!(answer.json, introspection_response(verified_claims(&issued, &partner.site.secret)));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert!(answer.headers.contains_key("ratelimit-policy"));
    let second = create_site(&world, &partner.path, json!({})).await;
    let call = world.post(&site_token_path(&second.name, "app-1")).header("x-api-key", &partner.key.key);
    let of_second = call.send().await.expect(200).text_at("authorizationToken");
    assert!(introspect(&world, &partner.key.key, &of_second).await.expect(200).is_active());
}

#[tokio::test]
async fn v10_a_partner_sees_no_other_token() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let sibling = Partner::new(&world, &world.demo.account_id).await;
    let own = partner.site_token(&world).await;
    let sign = world.post("/token/sign").bearer(&world.demo.project.api_secret).json(&json!({ "user": "u" }));
    for (case, token) in [
        ("a sibling's", sibling.site_token(&world).await),
        ("of window F", world.anonymous_token().await),
        ("of window K", world.redeem(&world.demo.api_key).await.expect(200).text_at("token")),
        ("of OAuth", world.client_token(&world.demo.api_key, "token:r").await),
        ("of window S", sign.send().await.expect(200).text_at("secret")),
        ("tampered", tampered(&own)),
        ("no token", "x".to_owned()),
    ] {
        assert!(!introspect(&world, &partner.key.key, &token).await.expect(200).is_active(), "{case}");
    }
    assert!(introspect(&world, &partner.key.key, &own).await.expect(200).is_active());
}

#[tokio::test]
async fn v10_a_partner_s_token_is_inactive_once_it_is_revoked_or_its_site_is_disabled() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let (first, second) = (partner.site_token(&world).await, partner.site_token(&world).await);
    world.revoke(&world.demo.api_key, &first).await.expect(200);
    assert!(!introspect(&world, &partner.key.key, &first).await.expect(200).is_active());
    assert!(introspect(&world, &partner.key.key, &second).await.expect(200).is_active());
    world.change(&partner.site.path, &json!({ "status": "disabled" })).await.expect(200);
    let send = async || introspect(&world, &partner.key.key, &second).await.expect(200);
    let answer = world.retry_until(|answer| !answer.is_active(), send).await;
    assert!(!answer.is_active());
}

#[tokio::test]
async fn v10_every_wrong_partner_key_gets_the_same_refusal() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let token = partner.site_token(&world).await;
    let disabled = create_partner_key(&world, &partner.path).await;
    world.change(&disabled.path, &json!({ "status": "disabled" })).await.expect(200);
    let deleted = create_partner_key(&world, &partner.path).await;
    world.delete(&deleted.path).await.expect(204);
    let disabled_partner = Partner::new(&world, &world.demo.account_id).await;
    world.change(&disabled_partner.path, &json!({ "status": "disabled" })).await.expect(200);
    let mut refusals = Vec::new();
    for (case, key) in [
        ("empty", ""),
        ("malformed", "x"),
        ("an API key's secret", &*world.demo.api_key.secret),
        ("disabled", &disabled.key),
        ("deleted", &deleted.key),
        ("of a disabled partner", &disabled_partner.key.key),
    ] {
        let answer = introspect(&world, key, &token).await.expect_oauth_error(401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic"), "{case}");
        refusals.push((case, answer.text));
    }
    for (case, text) in &refusals {
        assert_eq!(text, &refusals[0].1, "{case}");
    }
}

#[tokio::test]
async fn v10_a_partner_key_beside_other_credentials_is_refused() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let token = partner.site_token(&world).await;
    let key = &world.demo.api_key;
    let call = || world.post(INTROSPECT).header("x-api-key", &partner.key.key);
    for (case, call) in [
        ("in the header", call().basic(&key.id, &key.secret).form(&[("token", &*token)])),
        (
            "in the form",
            call().form(&[("token", &*token), ("client_id", &key.id), ("client_secret", &key.secret)]),
        ),
        ("the client id", call().form(&[("token", &*token), ("client_id", &key.id)])),
        ("a signature", call().signed(key).form(&[("token", &*token)])),
        ("an assertion", call().form(&[("token", &*token), ("client_assertion", "x")])),
    ] {
        let answer = call.send().await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["error"]),
            (400, &json!("invalid_request")),
            "{case}"
        );
    }
    call().form(&[]).send().await.expect_oauth_error(400, "invalid_request");
}

#[tokio::test]
async fn v10_a_partner_key_revokes_nothing() {
    let world = World::shared();
    let partner = Partner::new(&world, &world.demo.account_id).await;
    let token = partner.site_token(&world).await;
    let call = world.post(REVOKE).header("x-api-key", &partner.key.key).form(&[("token", &*token)]);
    call.send().await.expect_oauth_error(401, "invalid_client");
    assert!(introspect(&world, &partner.key.key, &token).await.expect(200).is_active());
}

#[tokio::test]
async fn v10_a_partner_of_a_disabled_entity_is_refused_and_its_limit_holds() {
    let world = World::shared();
    let account = world.create_account().await;
    let limit = json!({ "rate_limit": { "requests": 2, "seconds": 3600 } });
    let partner = Partner::with_fields(&world, &account, limit).await;
    let token = partner.site_token(&world).await;
    for _ in 0..2 {
        introspect(&world, &partner.key.key, &token).await.expect(200);
    }
    let refused = introspect(&world, &partner.key.key, &token).await.expect_oauth_error(429, "slow_down");
    assert!(refused.headers.contains_key("retry-after"));
    world
        .change(&format!("/admin/v1/entities/{account}"), &json!({ "status": "disabled" }))
        .await
        .expect(200);
    let send = async || introspect(&world, &partner.key.key, &token).await;
    world.wait_for_status(400, send).await.expect_oauth_error(400, "unauthorized_client");
}
