//! Tokens of the windows and of the booth itself, which an API admits only where its `accepts` says so.

use serde_json::{Value, json};

use super::{Guarded, http_event};
use crate::support::api::OwnApi;
use crate::support::jwt::claims;
use crate::support::partner::{Partner, site_token_path};
use crate::support::project::Project;
use crate::support::world::tokens_path;

/// A kind of token: what `accepts` must say, the token, and its subject.
struct Accepted {
    kind: &'static str,
    accepts: Value,
    token: String,
    subject: String,
}

/// One token of each kind, all of the demo customer.
async fn tokens(guarded: &Guarded) -> Vec<Accepted> {
    let world = guarded.world();
    let demo = &world.demo;
    let anonymous = guarded.clock.request_token(world, &world.demo_tokens(), &demo.api_key).await.expect(200);
    let anonymous = anonymous.json.as_str().expect("a token").to_owned();
    let access = world.redeem(&demo.api_key).await.expect(200).text_at("token");
    let client = world.client_token(&demo.api_key, "entity:r").await;
    let partner = Partner::in_new_account(world).await;
    let device = partner.site_token(world).await;
    let project = Project::new(world).await;
    let signed = project.sign(&json!({ "user": "user 1" }), true);
    let booth = json!({ "booth_tokens": true });
    let accepted = |kind, accepts: &Value, token: &str, subject: &str| {
        let (accepts, token, subject) = (accepts.clone(), token.to_owned(), subject.to_owned());
        Accepted { kind, accepts, token, subject }
    };
    let claim = |token: &str, name: &str| claims(token)[name].as_str().expect("a text").to_owned();
    let provider = json!({ "providers": [demo.secure_anonymous.provider_id] });
    vec![
        accepted("secure_anonymous", &provider, &anonymous, &claim(&anonymous, "sub")),
        accepted("access", &booth, &access, &demo.api_key.id),
        accepted("client", &booth, &client, &demo.api_key.id),
        accepted(
            "anonymous_device",
            &json!({ "sites": [partner.site.id] }),
            &device,
            &claim(&device, "userId"),
        ),
        accepted("signed_security", &json!({ "projects": [project.id] }), &signed, "user 1"),
    ]
}

#[tokio::test]
async fn a3_a_token_of_another_kind_is_admitted_only_where_the_api_accepts_it() {
    let guarded = Guarded::new(0).await;
    let tokens = tokens(&guarded).await;
    let world = guarded.world();
    let health = |token: &str| http_event(&guarded.api.identifier, "GET /health", Some(token));
    for Accepted { kind, token, .. } in &tokens {
        assert_eq!(guarded.decide(health(token)).await.unwrap_err(), "token_not_accepted", "{kind}");
    }
    for Accepted { kind, accepts, token, subject } in &tokens {
        world.change(&guarded.api.path, &json!({ "accepts": accepts })).await.expect(200);
        let context = guarded.decide(health(token)).await.expect("admitted");
        assert_eq!((&context["kind"], &context["sub"]), (&json!(kind), &json!(subject)));
        let others = tokens.iter().filter(|other| other.accepts != *accepts);
        for other in others {
            assert!(
                guarded.decide(health(&other.token)).await.is_err(),
                "{} where {kind} is accepted",
                other.kind
            );
        }
    }
}

#[tokio::test]
async fn a3_a_token_for_another_audience_has_no_scope_of_the_api() {
    let guarded = Guarded::with(
        0,
        json!({
            "scopes": [{ "name": "entity:r" }, { "name": "orders:read" }, { "name": "orders:write" }], "routes": { "GET /orders": ["entity:r"], "GET /health": [] },
            "accepts": { "booth_tokens": true },
        }),
    )
    .await;
    let world = guarded.world();
    let token = world.client_token(&world.demo.api_key, "entity:r").await;
    assert_eq!(guarded.admits(&token).await.unwrap_err(), "insufficient_scope");
    let health = http_event(&guarded.api.identifier, "GET /health", Some(&token));
    assert_eq!(guarded.decide(health).await.expect("admitted")["scope"], "");
}

#[tokio::test]
async fn a6_no_token_of_another_customer_is_admitted() {
    let guarded = Guarded::with(0, json!({ "accepts": { "booth_tokens": true } })).await;
    let world = guarded.world();
    let health = |token: &str| http_event(&guarded.api.identifier, "GET /health", Some(token));
    for (key, expected) in
        [(&world.demo.api_key, Ok(())), (&world.rival.api_key, Err("token_not_accepted".to_owned()))]
    {
        let access = world.redeem(key).await.expect(200).text_at("token");
        let client = world.client_token(key, "entity:r").await;
        for token in [access, client] {
            assert_eq!(guarded.decide(health(&token)).await.map(drop), expected);
        }
    }
}

#[tokio::test]
async fn a6_no_provider_site_or_project_of_another_customer_is_accepted_although_it_is_named() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let rival = &world.rival;
    let provider = rival.secure_anonymous.provider_id.clone();
    let path = tokens_path(&rival.account_id, &provider);
    let anonymous = guarded.clock.request_token(world, &path, &rival.api_key).await.expect(200);
    let anonymous = anonymous.json.as_str().expect("a token").to_owned();
    let site = site_token_path(&rival.partner.site, "app-1");
    let device = world.post(&site).header("x-api-key", &rival.partner.api_key).send().await.expect(200);
    let device = device.text_at("authorizationToken");
    let signed = rival.project.sign(&json!({ "user": "u" }), true);
    let accepts = json!({
        "providers": [provider], "sites": [claims(&device)["siteId"]], "projects": [rival.project.id],
    });
    world.change(&guarded.api.path, &json!({ "accepts": accepts })).await.expect(200);
    for (kind, token) in [("F", anonymous), ("V", device), ("S", signed)] {
        let health = http_event(&guarded.api.identifier, "GET /health", Some(&token));
        assert_eq!(guarded.decide(health).await.unwrap_err(), "token_not_accepted", "{kind}");
    }
}

#[tokio::test]
async fn f18_a_token_of_a_provider_for_the_api_is_admitted_with_its_scopes_and_for_another_api_not_at_all() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let other = OwnApi::new(world, &guarded.account, json!({})).await;
    for (api, expected) in [(&guarded.api, Ok(())), (&other, Err("token_not_accepted".to_owned()))] {
        let fields = json!({ "api_id": api.id, "scopes": ["orders:read"] });
        let (provider, tokens) = world.create_provider_with(&guarded.account, fields).await;
        let accepts = json!({ "providers": [provider] });
        world.change(&guarded.api.path, &json!({ "accepts": accepts })).await.expect(200);
        let issued = guarded.clock.request_token(world, &tokens, &world.demo.admin_key).await.expect(200);
        let token = issued.json.as_str().expect("a token");
        assert_eq!(guarded.admits(token).await, expected);
        let write = http_event(&guarded.api.identifier, "ANY /orders/{id}", Some(token));
        let reason = expected.err().unwrap_or_else(|| "insufficient_scope".to_owned());
        assert_eq!(guarded.decide(write).await.unwrap_err(), reason);
    }
}

#[tokio::test]
async fn a3_a_signed_token_must_name_its_project() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let project = Project::new(world).await;
    world.change(&guarded.api.path, &json!({ "accepts": { "projects": [project.id] } })).await.expect(200);
    let health = |token: &str| http_event(&guarded.api.identifier, "GET /health", Some(token));
    let claims = json!({ "user": "u" });
    assert!(guarded.decide(health(&project.sign(&claims, true))).await.is_ok());
    assert_eq!(guarded.decide(health(&project.sign(&claims, false))).await.unwrap_err(), "invalid_token");
}

/// The `user` of a token for one call can be an event, and a project's own server can sign any text.
#[tokio::test]
async fn a3_a_signed_token_that_names_no_user_is_not_admitted() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let project = Project::new(world).await;
    world.change(&guarded.api.path, &json!({ "accepts": { "projects": [project.id] } })).await.expect(200);
    for claims in [
        json!({ "user": "event 1", "purpose": "identify" }),
        json!({ "user": "u", "purpose": "attach" }),
        json!({ "user": "" }),
        json!({ "user": "a\r\nx-admin: 1" }),
        json!({ "user": "u".repeat(257) }),
    ] {
        let token = project.sign(&claims, true);
        let health = http_event(&guarded.api.identifier, "GET /health", Some(&token));
        assert_eq!(guarded.decide(health).await.unwrap_err(), "token_not_accepted", "{claims}");
    }
}

#[tokio::test]
async fn a3_a_claim_that_is_too_long_for_the_context_is_left_out() {
    let guarded = Guarded::with(0, json!({ "context_claims": ["note", "short"] })).await;
    let world = guarded.world();
    let project = Project::new(world).await;
    world.change(&guarded.api.path, &json!({ "accepts": { "projects": [project.id] } })).await.expect(200);
    let decide = async |claims: Value| {
        let token = project.sign(&claims, true);
        guarded.decide(http_event(&guarded.api.identifier, "GET /health", Some(&token))).await
    };
    let long = "u".repeat(1025);
    let context = decide(json!({ "user": "u".repeat(256), "note": long, "short": { "a": [1] } })).await;
    let context = context.expect("admitted");
    assert_eq!((&context["note"], &context["short"]), (&Value::Null, &json!(r#"{"a":[1]}"#)));
}
