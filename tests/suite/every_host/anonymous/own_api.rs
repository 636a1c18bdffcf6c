//! Window F: tokens for an own API, and their algorithms (F18, A7).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::every_host::verify::{verified, verified_for};
use crate::support::jwt::claims;
use crate::support::world::{World, unique};

/// An API of `entity` with the scopes `cart:read` and `cart:write`.
struct OwnApi {
    path: String,
    id: String,
    identifier: String,
}

impl OwnApi {
    async fn create(world: &World, entity: &str) -> Self {
        let identifier = format!("https://{}.example.com", uuid::Uuid::new_v4());
        let scopes = json!([{ "name": "cart:read" }, { "name": "cart:write" }]);
        let body = json!({ "identifier": identifier, "name": unique("api"), "scopes": scopes });
        let path = format!("/admin/v1/entities/{entity}/apis");
        let id = world.create(&path, &body).await.expect(201).text_at("id");
        Self { path: format!("{path}/{id}"), id, identifier }
    }

    /// The fields of a provider of tokens for this API.
    fn fields(&self, scopes: &[&str]) -> Value {
        json!({ "api_id": self.id, "scopes": scopes })
    }
}

/// A new token of the provider with these `tokens`.
async fn token(world: &World, tokens: &str) -> String {
    let answer = world.request_token(tokens, &world.demo.admin_key).await.expect(200);
    answer.json.as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn f18_a_token_for_an_api_has_its_audience_and_scopes() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let (_, tokens) = world.create_provider_with(&account, api.fields(&["cart:read"])).await;
    let issued = token(&world, &tokens).await;
    let (header, read) = verified_for(&world, &issued, Algorithm::EdDSA, Some(&api.identifier)).await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!((&read["scope"], &read["api_id"]), (&json!("cart:read"), &json!(api.id)));
    assert_eq!(read["exp"], read["iat"].as_i64().expect("a time") + 600, "the provider's token_duration");
    assert_eq!(read["roles"], json!([{ "role": "launchpad_user", "entity_id": account }]));
}

#[tokio::test]
async fn f18_a07_a_token_for_an_api_is_the_subject_of_assertions_introspection_and_revocation() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let (_, tokens) = world.create_provider_with(&account, api.fields(&["cart:read", "cart:write"])).await;
    let issued = token(&world, &tokens).await;
    let assertions = world.get("/v1/me/assertions").bearer(&issued).send().await.expect(200);
    assert_eq!(
        (&assertions.json["aud"], &assertions.json["scope"]),
        (&json!(api.identifier), &json!("cart:read cart:write"))
    );
    let introspected = world.introspect(&world.demo.admin_key, &issued).await;
    assert_eq!(introspected.json["aud"], json!(api.identifier));
    assert!(introspected.is_active());
    world.revoke(&world.demo.admin_key, &issued).await.expect(200);
    assert!(!world.introspect(&world.demo.admin_key, &issued).await.is_active());
    world.get("/v1/me/assertions").bearer(&issued).send().await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn f18_a_token_for_an_api_ends_when_its_provider_or_the_api_loses_a_scope_of_it() {
    let world = World::shared();
    let account = world.create_account().await;
    let both = json!([{ "name": "cart:read" }, { "name": "cart:write" }]);
    for (loses, change) in [
        ("provider", json!({ "scopes": ["cart:read"] })),
        ("provider", json!({ "api_id": null, "scopes": [] })),
        ("api", json!({ "scopes": [{ "name": "cart:read" }] })),
    ] {
        let api = OwnApi::create(&world, &account).await;
        let mut fields = api.fields(&["cart:read", "cart:write"]);
        fields["renewable"] = json!(true);
        let (provider, tokens) = world.create_provider_with(&account, fields.clone()).await;
        let issued = token(&world, &tokens).await;
        let path = match loses {
            "api" => api.path.clone(),
            _ => format!("/admin/v1/entities/{account}/providers/{provider}"),
        };
        world.change(&path, &change).await.expect(200);
        assert!(!world.introspect(&world.demo.admin_key, &issued).await.is_active(), "{change}");
        let assertions = world.get("/v1/me/assertions").bearer(&issued).send().await;
        assertions.expect_problem(401, "invalid_credentials");
        let call = world.post(&tokens).signed(&world.demo.admin_key).json(&json!({ "renew": issued }));
        let renewed = call.send().await.expect(200);
        let renewed = renewed.json.as_str().expect("a token");
        assert_eq!(claims(renewed)["sub"], claims(&issued)["sub"], "{change}");
        assert!(world.introspect(&world.demo.admin_key, renewed).await.is_active(), "{change}");
        let restored = if loses == "api" { json!({ "scopes": both }) } else { fields };
        world.change(&path, &restored).await.expect(200);
        assert!(world.introspect(&world.demo.admin_key, &issued).await.is_active(), "{change}: given back");
    }
}

#[tokio::test]
async fn f18_a07_no_token_of_a_provider_proves_a_caller_to_the_admin_api() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    for algorithm in ["EdDSA", "ES256", "RS256"] {
        for mut fields in [json!({}), api.fields(&["cart:read"])] {
            fields["algorithm"] = json!(algorithm);
            fields["allow_subject"] = json!(true);
            let (_, tokens) = world.create_provider_with(&account, fields).await;
            let named = json!({ "subject": world.demo.admin_key.id });
            let call = world.post(&tokens).signed(&world.demo.admin_key).json(&named);
            let issued = call.send().await.expect(200);
            let call = world.get("/admin/v1/entities").bearer(issued.json.as_str().expect("a token"));
            call.send().await.expect_problem(401, "invalid_credentials");
        }
    }
}

#[tokio::test]
async fn f18_each_algorithm_signs_and_the_tokens_of_all_work_everywhere() {
    let world = World::shared();
    let account = world.create_account().await;
    for (algorithm, name) in
        [(Algorithm::EdDSA, "EdDSA"), (Algorithm::ES256, "ES256"), (Algorithm::RS256, "RS256")]
    {
        let fields = json!({ "algorithm": name, "renewable": true });
        let (_, tokens) = world.create_provider_with(&account, fields).await;
        let issued = token(&world, &tokens).await;
        let (header, read) = verified(&world, &issued, algorithm).await;
        assert_eq!((header.alg, &read["anonymous"]), (algorithm, &json!(true)));
        world.get("/v1/me/assertions").bearer(&issued).send().await.expect(200);
        assert!(world.introspect(&world.demo.admin_key, &issued).await.is_active(), "{name}");
        let call = world.post(&tokens).signed(&world.demo.admin_key).json(&json!({ "renew": issued }));
        let renewed = call.send().await.expect(200);
        let (_, renewed) = verified(&world, renewed.json.as_str().expect("a token"), algorithm).await;
        assert_eq!(renewed["sub"], read["sub"], "{name}");
        world.revoke(&world.demo.admin_key, &issued).await.expect(200);
        assert!(!world.introspect(&world.demo.admin_key, &issued).await.is_active(), "{name}");
        world.get("/v1/me/assertions").bearer(&issued).send().await.expect(401);
    }
}

#[tokio::test]
async fn f18_a_token_stays_valid_and_renewable_when_its_provider_changes_algorithm_and_api() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let (provider, tokens) = world.create_provider_with(&account, json!({ "renewable": true })).await;
    let before = token(&world, &tokens).await;
    let path = format!("/admin/v1/entities/{account}/providers/{provider}");
    let mut change = api.fields(&["cart:read"]);
    change["algorithm"] = json!("RS256");
    let changed = world.change(&path, &change).await.expect(200);
    assert_eq!((&changed.json["api_id"], &changed.json["algorithm"]), (&json!(api.id), &json!("RS256")));
    let renew = async || {
        let call = world.post(&tokens).signed(&world.demo.admin_key).json(&json!({ "renew": before }));
        call.send().await.expect(200)
    };
    let is_changed = |answer: &crate::support::call::Answer| {
        claims(answer.json.as_str().expect("a token"))["aud"] == json!(api.identifier)
    };
    let renewed = world.retry_until(is_changed, renew).await;
    let renewed = renewed.json.as_str().expect("a token");
    let (_, read) = verified_for(&world, renewed, Algorithm::RS256, Some(&api.identifier)).await;
    assert_eq!((&read["sub"], &read["scope"]), (&claims(&before)["sub"], &json!("cart:read")));
    world.get("/v1/me/assertions").bearer(&before).send().await.expect(200);
    assert!(world.introspect(&world.demo.admin_key, &before).await.is_active());
}

#[tokio::test]
async fn f18_a_provider_of_a_disabled_api_issues_nothing_and_its_tokens_end() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let (_, tokens) = world.create_provider_with(&account, api.fields(&[])).await;
    let issued = token(&world, &tokens).await;
    assert_eq!(claims(&issued)["scope"], "");
    world.change(&api.path, &json!({ "status": "disabled" })).await.expect(200);
    let request = async || world.request_token(&tokens, &world.demo.admin_key).await;
    world.wait_for_status(403, request).await.expect_problem(403, "entity_disabled");
    world.wait_until_inactive(&world.demo.admin_key, &issued).await;
    let read = async || world.get("/v1/me/assertions").bearer(&issued).send().await;
    world.wait_for_status(401, read).await;
}

#[tokio::test]
async fn f18_a_scope_that_the_api_loses_is_in_no_new_token() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let (_, tokens) = world.create_provider_with(&account, api.fields(&["cart:read", "cart:write"])).await;
    world.change(&api.path, &json!({ "scopes": [{ "name": "cart:read" }] })).await.expect(200);
    assert_eq!(claims(&token(&world, &tokens).await)["scope"], "cart:read");
}

#[tokio::test]
async fn f18_a_provider_names_only_an_api_that_its_administrator_may_write() {
    let world = World::shared();
    let account = world.create_account().await;
    let providers = format!("/admin/v1/entities/{account}/providers");
    let above = OwnApi::create(&world, &world.demo.organization_id).await;
    let grants = json!([{ "role": "launchpad_user", "entity_id": account }]);
    let body = |fields: Value| {
        let mut body = json!({ "description": unique("provider"), "token_duration": 600, "grants": grants });
        body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        body
    };
    let below = world.create_key_with_role(&account, "account_admin").await;
    let create = |fields| world.post(&providers).with_token_of(&below).json(&body(fields));
    create(above.fields(&["cart:read"])).send().await.expect_problem(403, "insufficient_scope");
    let made = world.create(&providers, &body(above.fields(&["cart:read"]))).await.expect(201);
    let path = format!("{providers}/{}", made.text_at("id"));
    let longer = json!({ "token_duration": 900 });
    let change = world.call(reqwest::Method::PATCH, &path).with_token_of(&below).json(&longer);
    change.send().await.expect_problem(403, "insufficient_scope");
    let delete = world.call(reqwest::Method::DELETE, &path).with_token_of(&below);
    delete.send().await.expect_problem(403, "insufficient_scope");
    world.change(&path, &longer).await.expect(200);
}

#[tokio::test]
async fn f18_an_unknown_or_foreign_api_and_unknown_scopes_are_refused() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::create(&world, &account).await;
    let identifier = format!("https://{}.example.com", uuid::Uuid::new_v4());
    let of_rival = format!("/admin/v1/entities/{}/apis", world.rival.account_id);
    let call = world.post(&of_rival).with_token_of(&world.rival.admin_key);
    let rivals =
        call.json(&json!({ "identifier": identifier, "name": unique("api") })).send().await.expect(201);
    let (provider, _) = world.create_provider(&account).await;
    let path = format!("/admin/v1/entities/{account}/providers/{provider}");
    for (case, change, status, field) in [
        ("unknown", json!({ "api_id": "api-01a1fd8d-3dcf-75c4-bdaa-93d15384ab40" }), 404, "api_id"),
        ("another tenant's", json!({ "api_id": rivals.text_at("id") }), 404, "api_id"),
        ("malformed", json!({ "api_id": "orders" }), 400, "api_id"),
        ("no scope of it", api.fields(&["cart:delete"]), 400, "scopes"),
        ("scopes alone", json!({ "scopes": ["cart:read"] }), 400, "scopes"),
        ("a scope with a space", json!({ "api_id": api.id, "scopes": ["cart read"] }), 400, "scopes[0]"),
        ("a control character", json!({ "api_id": api.id, "scopes": ["cart\u{7}"] }), 400, "scopes[0]"),
        ("a scope twice", api.fields(&["cart:read", "cart:read"]), 400, "scopes"),
        ("another algorithm", json!({ "algorithm": "HS256" }), 400, "algorithm"),
        ("no algorithm", json!({ "algorithm": null }), 400, "algorithm"),
        ("too short a session", json!({ "max_session": 59 }), 400, "max_session"),
        ("too long a session", json!({ "max_session": 7_776_001 }), 400, "max_session"),
    ] {
        let answer = world.change(&path, &change).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["field"]),
            (status, &json!(field)),
            "{case}: {}",
            answer.text
        );
    }
    let named = world.change(&path, &api.fields(&["cart:read"])).await.expect(200);
    assert_eq!((&named.json["api_id"], &named.json["scopes"]), (&json!(api.id), &json!(["cart:read"])));
    world.change(&path, &json!({ "api_id": null })).await.expect_invalid("scopes");
    let cleared = world.change(&path, &json!({ "api_id": null, "scopes": [] })).await.expect(200);
    assert_eq!((&cleared.json["api_id"], &cleared.json["scopes"]), (&json!(null), &json!([])));
}
