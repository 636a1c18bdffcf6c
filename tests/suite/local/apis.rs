//! Own APIs with a test clock and tables of earlier versions (A7, A10).

use api::OnFailure;
use aws_sdk_dynamodb::types::AttributeValue;
use jsonwebtoken::Algorithm;
use serde_json::json;
use store::Issuer;
use tokenbooth::{Deployment, PrepareError, TABLE};

use super::clock::{TestClock, world_with_clock};
use super::embedded::{ProxiedBooth, booth_with_clock, client};
use crate::support::api::{OwnApi, api_fields};
use crate::support::jwt;

/// How long a new key is published before it signs: 2 h 15 min.
const LEAD_SECONDS: i64 = 8100;

/// Removes the ES256 key, as in a table of an earlier version. The other list has no key that such a version cannot read.
async fn remove_es256_key(booth: &ProxiedBooth) {
    let dynamodb = client(&booth.proxy.url);
    for name in ["issuer", "signing-keys"] {
        let text = || AttributeValue::S(name.to_owned());
        let read = dynamodb.get_item().table_name(TABLE).key("pk", text()).key("sk", text());
        let mut item = read.send().await.expect("read").item.expect("an item");
        let removed = item.remove("keys_for_apis").expect("a list");
        assert_eq!(removed.as_l().expect("a list").len(), 1, "{name}");
        let keys = item["keys"].as_l().expect("a list").iter();
        let algorithms: Vec<_> =
            keys.map(|key| key.as_m().expect("a map")["algorithm"].as_s().expect("a text").clone()).collect();
        assert_eq!(algorithms, ["EdDSA", "RS256"], "{name}");
        dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("written");
    }
}

async fn published_algorithms(booth: &ProxiedBooth) -> Vec<String> {
    let jwks = booth.world.get("/.well-known/jwks.json").send().await.expect(200);
    let keys = jwks.json["keys"].as_array().expect("keys").clone();
    keys.iter().map(|key| key["alg"].as_str().expect("an algorithm").to_owned()).collect()
}

#[tokio::test]
async fn a7_init_adds_the_es256_key_to_an_older_table_and_it_signs_when_verifiers_have_it() {
    let clock = TestClock::new();
    let booth = booth_with_clock(0, OnFailure::Open, clock.for_function()).await;
    remove_es256_key(&booth).await;
    let (world, url) = (&booth.world, booth.world.url.clone());
    let apis = format!("/admin/v1/entities/{}/apis", world.demo.account_id);
    let mut body = api_fields();
    body["algorithm"] = json!("ES256");
    let create = async || world.create(&apis, &body).await;
    create().await.expect_problem(409, "conflict");
    assert_eq!(published_algorithms(&booth).await, ["EdDSA", "RS256"]);

    let added = Deployment::prepare(&booth.start, &url, false).await.expect("prepared").1.added_keys;
    let (algorithms, from) = added.expect("an added key");
    assert_eq!(algorithms.iter().map(|it| it.name()).collect::<Vec<_>>(), ["ES256"]);
    assert_eq!(from.as_second(), clock.unix_second() + LEAD_SECONDS);
    assert_eq!(published_algorithms(&booth).await, ["EdDSA", "RS256", "ES256"]);
    let again = Deployment::prepare(&booth.start, &url, false).await.expect("prepared").1;
    assert_eq!(again.added_keys, None, "init adds it once");

    let added_at = clock.unix_second();
    clock.set(added_at + LEAD_SECONDS - 1);
    let refused = create().await.expect_problem(409, "conflict");
    assert_eq!(refused.json["field"], "algorithm");
    clock.set(added_at + LEAD_SECONDS);
    create().await.expect(201);
    let api = OwnApi::new(world, &world.demo.account_id, json!({ "algorithm": "ES256" })).await;
    let (_, key) = api.grant(world, &world.demo.account_id, "orders:read").await;
    let token = api.token(world, &key).await;
    assert_eq!(jsonwebtoken::decode_header(&token).expect("a header").alg, Algorithm::ES256);
    assert!(world.introspect(&key, &token).await.is_active());
}

#[tokio::test]
async fn a7_a_token_is_valid_for_the_lifetime_of_its_api() {
    let (world, clock) = world_with_clock(0);
    let account = &world.demo.account_id;
    let api = OwnApi::new(&world, account, json!({ "token_duration": 60 })).await;
    let (_, key) = api.grant(&world, account, "orders:read").await;
    let token = api.token(&world, &key).await;
    let issued_at = clock.unix_second();
    for (second, active) in [(0, true), (59, true), (60, false)] {
        clock.set(issued_at + second);
        assert_eq!(world.introspect(&key, &token).await.is_active(), active, "{second}");
    }
}

#[tokio::test]
async fn a7_another_customer_gets_a_freed_identifier_when_the_last_token_has_expired() {
    let (world, clock) = world_with_clock(0);
    let api = OwnApi::new(&world, &world.demo.account_id, json!({})).await;
    world.delete(&api.path).await.expect(204);
    let deleted_at = clock.unix_second();
    let mut body = api_fields();
    body["identifier"] = json!(api.identifier);
    let rivals = format!("/admin/v1/entities/{}/apis", world.rival.account_id);
    let create = async || world.post(&rivals).with_token_of(&world.rival.admin_key).json(&body).send().await;
    for (second, status) in [(0, 409), (86_400 + 304, 409), (86_400 + 305, 201)] {
        clock.set(deleted_at + second);
        create().await.expect(status);
    }
}

/// A tenant names its API like the URL to which the operator moves the booth, and its scopes like those of the booth.
#[tokio::test]
async fn a7_the_booth_does_not_move_to_an_identifier_and_no_token_of_an_api_proves_a_caller() {
    const NEW: &str = "https://tokens.example";
    let clock = TestClock::new();
    let booth = booth_with_clock(0, OnFailure::Open, clock.for_function()).await;
    let world = &booth.world;
    let customer = &world.demo.customer_id;
    let fields = json!({ "identifier": NEW, "scopes": [{ "name": "entity:rwd" }] });
    let api = OwnApi::new(world, customer, fields).await;
    let below = OwnApi::new(world, customer, json!({ "identifier": "https://below.example/a/b" })).await;
    for (url, id) in
        [(NEW, &api.id), ("https://below.example", &below.id), ("https://below.example/a", &below.id)]
    {
        let refused = Deployment::prepare(&booth.start, url, true).await.expect_err("refused");
        assert!(
            matches!(&refused, PrepareError::IdentifierAtUrl(named) if named.to_string() == **id),
            "{refused}"
        );
    }
    Deployment::prepare(&booth.start, "https://below.example/c", true).await.expect("moved");

    let issuer = Issuer::read(&booth.start.table).await.expect("read").expect("an issuer");
    booth
        .start
        .table
        .move_issuer(&issuer, NEW, booth.start.clock.now())
        .await
        .expect("moved without the check");
    let integration = world.create_integration(customer, "customer_admin").await;
    let path = format!("/admin/v1/entities/{customer}/integrations/{integration}");
    world.change(&path, &json!({ "api_grants": api.grants("entity:rwd") })).await.expect(200);
    let key = world.create_key(customer, &integration).await;
    let token = api.token(world, &key).await;
    let claims = jwt::claims(&token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(NEW), &json!(NEW)), "its audience is the booth");
    let refused = world.get("/admin/v1/entities").bearer(&token).send().await;
    refused.expect_problem(401, "invalid_credentials");
    let own = world.client_token(&key, "entity:rwd").await;
    world.get("/admin/v1/entities").bearer(&own).send().await.expect(200);
}
