//! Own APIs in the Admin API (A7, A6).

use serde_json::{Value, json};

use crate::support::api::{OwnApi, api_fields, new_identifier};
use crate::support::call::Answer;
use crate::support::world::{World, unique};

/// The fields of a new API with `fields` in place of the usual ones.
fn with(fields: &Value) -> Value {
    let mut body = api_fields();
    body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    body
}

/// Sends a POST as the other customer's administrator.
async fn create_as_rival(world: &World, body: &Value) -> Answer {
    let path = format!("/admin/v1/entities/{}/apis", world.rival.account_id);
    world.post(&path).with_token_of(&world.rival.admin_key).json(body).send().await
}

#[tokio::test]
async fn a7_an_api_is_created_read_changed_and_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let apis = format!("/admin/v1/entities/{account}/apis");
    let body = api_fields();
    let created = world.create(&apis, &body).await.expect(201);
    let id = created.text_at("id");
    assert!(id.starts_with("api-") && id.len() == 40, "{id}");
    for (name, expected) in [
        ("identifier", body["identifier"].clone()),
        ("scopes", body["scopes"].clone()),
        ("status", json!("active")),
        ("token_duration", json!(300)),
        ("algorithm", json!("RS256")),
        ("routes", json!({})),
        ("default_scopes", Value::Null),
        ("accepts", json!({ "providers": [], "sites": [], "projects": [], "booth_tokens": false })),
        ("context_claims", json!([])),
        ("allowed_origins", json!([])),
    ] {
        assert_eq!(created.json[name], expected, "{name}");
    }
    let one = format!("{apis}/{id}");
    assert_eq!(world.read(&one).await.expect(200).json, created.json);
    assert_eq!(world.read(&apis).await.expect(200).ids("id"), [id]);
    let change = json!({
        "name": unique("API"), "status": "disabled", "token_duration": 86_400, "algorithm": "EdDSA",
        "scopes": [{ "name": "a" }, { "name": "b" }], "routes": { "GET /x/{id}": ["a"], "ANY /{rest+}": [] },
        "default_scopes": ["b"], "accepts": { "providers": [], "sites": [], "projects": [], "booth_tokens": true },
        "context_claims": ["email"], "allowed_origins": ["https://app.example.com"],
    });
    let changed = world.change(&one, &change).await.expect(200);
    for (name, value) in change.as_object().expect("an object") {
        assert_eq!(&changed.json[name], value, "{name}");
    }
    let cleared = world.change(&one, &json!({ "default_scopes": null })).await.expect(200);
    assert_eq!(cleared.json["default_scopes"], Value::Null);
    world
        .change(&one, &json!({ "identifier": new_identifier() }))
        .await
        .expect_problem(400, "invalid_request");
    world.delete(&one).await.expect(204);
    world.read(&one).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a7_a_malformed_api_is_refused_with_the_field_that_is_wrong() {
    let world = World::shared();
    let apis = format!("/admin/v1/entities/{}/apis", world.demo.account_id);
    let many: Vec<_> = (0..51).map(|n| json!({ "name": format!("s{n}") })).collect();
    let routes: Value =
        (0..101).map(|n| (format!("GET /{n}"), json!([]))).collect::<serde_json::Map<_, _>>().into();
    for (field, fields) in [
        ("identifier", json!({ "identifier": "orders" })),
        ("identifier", json!({ "identifier": "/orders" })),
        ("identifier", json!({ "identifier": "https://api.example/#orders" })),
        ("identifier", json!({ "identifier": "https://user@api.example" })),
        ("identifier", json!({ "identifier": "https://API.example" })),
        ("identifier", json!({ "identifier": "https://api.example/a b" })),
        ("identifier", json!({ "identifier": format!("https://api.example/{}", "a".repeat(236)) })),
        ("identifier", json!({ "identifier": null })),
        ("scopes", json!({ "scopes": [{ "name": "a b" }] })),
        ("scopes", json!({ "scopes": [{ "name": "a\u{7}" }] })),
        ("scopes", json!({ "scopes": [{ "name": "a\"" }] })),
        ("scopes", json!({ "scopes": [{ "name": "" }] })),
        ("scopes", json!({ "scopes": [{ "name": "a" }, { "name": "a" }] })),
        ("scopes", json!({ "scopes": many })),
        ("token_duration", json!({ "token_duration": 59 })),
        ("token_duration", json!({ "token_duration": 86_401 })),
        ("algorithm", json!({ "algorithm": "HS256" })),
        ("algorithm", json!({ "algorithm": "none" })),
        ("routes", json!({ "routes": { "GET": [] } })),
        ("routes", json!({ "routes": { "GET /a/{id}": [], "GET /a/{other}": [] } })),
        ("routes", json!({ "routes": { "GET /{a}/b": [], "GET /a/{b}": [] } })),
        ("routes", json!({ "routes": routes })),
        ("scopes", json!({ "routes": { "GET /a": ["orders:delete"] } })),
        ("scopes", json!({ "default_scopes": ["orders:delete"] })),
        ("context_claims", json!({ "context_claims": ["a b"] })),
        ("accepts", json!({ "accepts": { "providers": ["x"] } })),
        ("allowed_origins", json!({ "allowed_origins": ["https://app.example.com/path"] })),
        ("allowed_origins", json!({ "allowed_origins": ["https://*.example.com"] })),
        ("allowed_origins", json!({ "allowed_origins": ["null"] })),
    ] {
        let refused = world.create(&apis, &with(&fields)).await.expect_problem(400, "invalid_request");
        let named = refused.text_at("field");
        assert!(named.starts_with(field), "{fields}: {}", refused.text);
    }
}

#[tokio::test]
async fn a7_an_identifier_at_or_below_the_booth_is_taken() {
    let world = World::shared();
    let issuer = world.get("/.well-known/openid-configuration").send().await.expect(200).text_at("issuer");
    for identifier in
        [issuer.clone(), format!("{issuer}/"), format!("{issuer}/orders"), format!("{issuer}/A/?b=c")]
    {
        let body = with(&json!({ "identifier": identifier }));
        let path = format!("/admin/v1/entities/{}/apis", world.demo.account_id);
        let refused = world.create(&path, &body).await.expect_problem(409, "identifier_taken");
        assert_eq!(refused.json["field"], "identifier");
    }
}

#[tokio::test]
async fn a7_an_identifier_is_unique_in_the_deployment_and_nobody_learns_whose_it_is() {
    let world = World::shared();
    let api = OwnApi::new(&world, &world.demo.account_id, json!({})).await;
    let upper = api.identifier.replace("/api.example/", "/api.example/X");
    let upper = OwnApi::new(&world, &world.demo.account_id, json!({ "identifier": upper })).await.identifier;
    let own_path = format!("/admin/v1/entities/{}/apis", world.demo.account_id);
    for identifier in [api.identifier.clone(), format!("{}/", api.identifier), upper.to_lowercase()] {
        let body = with(&json!({ "identifier": identifier }));
        let own = world.create(&own_path, &body).await.expect_problem(409, "identifier_taken");
        let other = create_as_rival(&world, &body).await.expect_problem(409, "identifier_taken");
        assert_eq!(own.json["detail"], other.json["detail"]);
        assert!(!other.text.contains(&world.demo.customer_id));
    }
}

/// Tokens of the deleted API are valid for up to a day, so another customer must not get them as its own.
#[tokio::test]
async fn a7_a_deleted_api_frees_its_identifier_for_its_customer_at_once_and_for_no_other() {
    let world = World::shared();
    let api = OwnApi::new(&world, &world.demo.account_id, json!({})).await;
    let again = with(&json!({ "identifier": api.identifier }));
    world.delete(&api.path).await.expect(204);
    create_as_rival(&world, &again).await.expect_problem(409, "identifier_taken");
    let other_account = world.create_account().await;
    world.create(&format!("/admin/v1/entities/{other_account}/apis"), &again).await.expect(201);
    create_as_rival(&world, &again).await.expect_problem(409, "identifier_taken");
}

#[tokio::test]
async fn a7_names_of_apis_are_unique_in_their_entity() {
    let world = World::shared();
    let account = world.create_account().await;
    let apis = format!("/admin/v1/entities/{account}/apis");
    world.create(&apis, &with(&json!({ "name": "Orders" }))).await.expect(201);
    world.create(&apis, &with(&json!({ "name": "ORDERS" }))).await.expect_problem(409, "name_taken");
    let other = world.create(&apis, &with(&json!({ "name": "Other" }))).await.expect(201).text_at("id");
    let one = format!("{apis}/{other}");
    world.change(&one, &json!({ "name": "orders" })).await.expect_problem(409, "name_taken");
    world.change(&one, &json!({ "name": "Items" })).await.expect(200);
}

#[tokio::test]
async fn a7_an_entity_with_an_api_is_not_deleted() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let entity = format!("/admin/v1/entities/{account}");
    world.delete(&entity).await.expect_problem(409, "in_use");
    world.delete(&api.path).await.expect(204);
    world.delete(&entity).await.expect(204);
}

#[tokio::test]
async fn a6_an_api_of_another_customer_or_entity_does_not_exist() {
    let world = World::shared();
    let api = OwnApi::new(&world, &world.demo.account_id, json!({})).await;
    let as_rival = |path: String| world.get(&path).with_token_of(&world.rival.admin_key);
    as_rival(api.path.clone()).send().await.expect_problem(404, "not_found");
    let below = |account: &str| format!("/admin/v1/entities/{account}/apis/{}", api.id);
    as_rival(below(&world.rival.account_id)).send().await.expect_problem(404, "not_found");
    world.read(&below(&world.create_account().await)).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a7_only_callers_with_the_scope_read_and_write_apis() {
    let world = World::shared();
    let account = world.create_account().await;
    let api = OwnApi::new(&world, &account, json!({})).await;
    let auditor = world.create_key_with_role(&account, "auditor").await;
    world.get(&api.path).with_token_of(&auditor).send().await.expect(200);
    let create = world.post(&format!("/admin/v1/entities/{account}/apis")).with_token_of(&auditor);
    create.json(&api_fields()).send().await.expect_problem(403, "insufficient_scope");
    let launchpad = world.create_key_with_role(&account, "launchpad_user").await;
    let read = world.get(&api.path).with_token_of(&launchpad).send().await;
    read.expect_problem(403, "insufficient_scope");
}
