//! Tokens for own APIs (A7, RFC 8707, RFC 9068).

use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::every_host::verify::{verified, verified_for};
use crate::support::api::{OwnApi, api_fields};
use crate::support::assertions::assert_all_equal;
use crate::support::jwt;
use crate::support::oauth::{FORM, TOKEN};
use crate::support::partner::Partner;
use crate::support::world::World;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a7_a_token_has_the_audience_the_lifetime_and_the_algorithm_of_its_api() {
    let world = World::shared();
    let account = world.create_account().await;
    for (name, algorithm, seconds) in [
        ("RS256", Algorithm::RS256, 60),
        ("EdDSA", Algorithm::EdDSA, 300),
        ("ES256", Algorithm::ES256, 86_400),
    ] {
        let fields = json!({ "algorithm": name, "token_duration": seconds });
        let api = OwnApi::new(&world, &world.demo.account_id, fields).await;
        let (granted, key) = api.grant(&world, &account, "orders:read orders:write").await;
        let answer = api.request(&world, &key, &[]).await.expect(200);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        assert_eq!(
            (&answer.json["token_type"], &answer.json["expires_in"]),
            (&json!("Bearer"), &json!(seconds))
        );
        let token = answer.text_at("access_token");
        let (header, claims) = verified_for(&world, &token, algorithm, Some(&api.identifier)).await;
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(key.id), &json!(key.id)));
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + seconds));
        assert_eq!(
            (&claims["scope"], &claims["api_id"]),
            (&json!("orders:read orders:write"), &json!(api.id))
        );
        assert_eq!(claims["integration_id"], json!(granted.rsplit_once('/').expect("an id").1));
        let path = json!([world.demo.customer_id, world.demo.organization_id, account]);
        assert_eq!(claims["entity_path"], path, "the customer first, the owner of the key last");
        assert_eq!(claims.as_object().expect("claims").len(), 11, "{claims}");
    }
}

#[tokio::test]
async fn a7_audience_is_another_name_of_resource_and_a_token_has_one_target() {
    let world = World::shared();
    let account = world.create_account().await;
    let (api, other) =
        (OwnApi::new(&world, &account, json!({})).await, OwnApi::new(&world, &account, json!({})).await);
    let (path, key) = api.grant(&world, &account, "orders:read").await;
    let both = [api.grants("orders:read")[0].clone(), other.grants("orders:read")[0].clone()];
    world.change(&path, &json!({ "api_grants": both })).await.expect(200);
    let (one, two) = (&*api.identifier, &*other.identifier);
    for (parameters, accepted) in [
        (vec![("resource", one)], true),
        (vec![("audience", one)], true),
        (vec![("resource", one), ("audience", one)], true),
        (vec![("resource", one), ("audience", "")], true),
        (vec![("resource", one), ("audience", two)], false),
        (vec![("resource", one), ("resource", two)], false),
        (vec![("resource", one), ("resource", one)], false),
        (vec![("audience", one), ("audience", two)], false),
    ] {
        let answer = world.post_form(TOKEN, &key, &[vec![GRANT], parameters.clone()].concat()).await;
        match accepted {
            true => {
                let token = answer.expect(200).text_at("access_token");
                assert_eq!(jwt::claims(&token)["aud"], one, "{parameters:?}");
            }
            false => drop(answer.expect_oauth_error(400, "invalid_target")),
        }
    }
}

#[tokio::test]
async fn a7_asked_scopes_narrow_what_is_granted() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (path, key) = api.grant(&world, &account, "orders:read orders:write").await;
    for (asked, scope) in [
        ("", Some("orders:read orders:write")),
        ("orders:read", Some("orders:read")),
        ("orders:write orders:read", Some("orders:read orders:write")),
        ("orders:delete", None),
        ("entity:r", None),
        ("orders:read\u{0}", None),
        (" ", None),
    ] {
        let answer = api.request(&world, &key, &[("scope", asked)]).await;
        match scope {
            Some(scope) => {
                let answer = answer.expect(200);
                assert_eq!(answer.json["scope"], scope, "{asked:?}");
                assert_eq!(jwt::claims(&answer.text_at("access_token"))["scope"], scope, "{asked:?}");
            }
            None => drop(answer.expect_oauth_error(400, "invalid_scope")),
        }
    }
    let whole = world.post_form(TOKEN, &key, &[GRANT, ("scope", "orders:read")]).await;
    whole.expect_oauth_error(400, "invalid_scope");
    world.change(&path, &json!({ "api_grants": api.grants("") })).await.expect(200);
    let has_none = async || api.request(&world, &key, &[]).await;
    let without = world.retry_until(|answer| answer.json["scope"] == "", has_none).await;
    assert_eq!(without.expect(200).json["scope"], "", "a grant without scopes is for the audience alone");
}

/// A scope that the API no longer has is in no new token, also where it is still granted.
#[tokio::test]
async fn a7_a_token_has_no_scope_that_its_api_no_longer_has() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (_, key) = api.grant(&world, &account, "orders:read orders:write").await;
    world.change(&api.path, &json!({ "scopes": [{ "name": "orders:read" }] })).await.expect(200);
    let request = async || api.request(&world, &key, &[]).await;
    let answer = world.retry_until(|answer| answer.json["scope"] == "orders:read", request).await;
    assert_eq!(answer.expect(200).json["scope"], "orders:read");
}

#[tokio::test]
async fn a7_every_api_without_tokens_for_the_client_gets_the_same_answer() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (_, key) = api.grant(&world, &account, "orders:read").await;
    let disabled = OwnApi::new(&world, &account, json!({})).await;
    let (_, key_of_disabled) = disabled.grant(&world, &account, "orders:read").await;
    world.change(&disabled.path, &json!({ "status": "disabled" })).await.expect(200);
    let rivals = format!("/admin/v1/entities/{}/apis", world.rival.account_id);
    let rivals = world.post(&rivals).with_token_of(&world.rival.admin_key);
    let foreign = rivals.json(&api_fields()).send().await.expect(201).text_at("identifier");
    let not_granted = OwnApi::new(&world, &account, json!({})).await;
    let issuer = world.get("/.well-known/openid-configuration").send().await.expect(200).text_at("issuer");
    let mut bodies = Vec::new();
    for resource in [
        "https://unknown.example",
        "not a URI",
        "https://api.example/#fragment",
        &*foreign,
        &not_granted.identifier,
        &format!("{}/", api.identifier),
        &api.identifier.to_uppercase(),
        &issuer,
        &"a".repeat(5000),
    ] {
        let answer = world.post_form(TOKEN, &key, &[GRANT, ("resource", resource)]).await;
        bodies.push(answer.expect_oauth_error(400, "invalid_target").text);
    }
    let send = async || disabled.request(&world, &key_of_disabled, &[]).await;
    bodies.push(world.wait_for_status(400, send).await.expect_oauth_error(400, "invalid_target").text);
    assert_all_equal(&bodies);
    let unknown_client = world.post(TOKEN).basic(&key.id, "x").form(&[GRANT, ("resource", &api.identifier)]);
    unknown_client.send().await.expect_oauth_error(401, "invalid_client");
}

#[tokio::test]
async fn a7_an_api_of_a_disabled_entity_gets_no_tokens() {
    let world = World::shared();
    let (owner, account) = (world.create_account().await, world.create_account().await);
    let api = OwnApi::new(&world, &owner, json!({})).await;
    let (_, key) = api.grant(&world, &account, "orders:read").await;
    api.request(&world, &key, &[]).await.expect(200);
    world.change(&format!("/admin/v1/entities/{owner}"), &json!({ "status": "disabled" })).await.expect(200);
    let send = async || api.request(&world, &key, &[]).await;
    world.wait_for_status(400, send).await.expect_oauth_error(400, "invalid_target");
}

#[tokio::test]
async fn a7_without_resource_a_token_is_for_the_booth_and_every_token_names_its_entities() {
    let world = World::shared();
    let (key, demo) = (&world.demo.api_key, &world.demo);
    let path = json!([demo.customer_id, demo.organization_id, demo.account_id]);
    let client = world.post_form(TOKEN, key, &[GRANT]).await.expect(200).text_at("access_token");
    let access = world.redeem(key).await.expect(200).text_at("token");
    for token in [&client, &access] {
        let (_, claims) = verified(&world, token, Algorithm::RS256).await;
        assert_eq!(claims["entity_path"], path);
        let integration = claims["integration_id"].as_str().expect("an id");
        assert!(integration.starts_with("integration-"), "{integration}");
        assert_eq!(claims.get("api_id"), None);
    }
    let partner = Partner::new(&world, &demo.account_id).await;
    let device = partner.site_token(&world).await;
    let body = json!({ "user": "someone" });
    let sign = world.post("/token/sign").bearer(&demo.project.api_secret).json(&body).send().await;
    for (token, has_integration) in
        [(world.anonymous_token().await, true), (device, false), (sign.expect(200).text_at("secret"), false)]
    {
        let claims = jwt::claims(&token);
        assert_eq!(claims["entity_path"], path, "{claims}");
        assert_eq!(claims.get("integration_id").is_some(), has_integration, "{claims}");
    }
}

#[tokio::test]
async fn a7_a_request_for_an_api_is_read_as_strictly_as_any_other() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let (_, key) = api.grant(&world, &account, "orders:read").await;
    let identifier = &api.identifier;
    for (body, error) in [
        (format!("resource={identifier}"), "invalid_request"),
        (format!("grant_type=password&resource={identifier}"), "unsupported_grant_type"),
        (format!("grant_type=client_credentials&resource={identifier}&scope=a&scope=b"), "invalid_request"),
    ] {
        let call = world.post(TOKEN).basic(&key.id, &key.secret).body(FORM, body);
        call.send().await.expect_oauth_error(400, error);
    }
}
