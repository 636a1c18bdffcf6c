//! Window F: the fields of a request body (F12, F13).

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::every_host::verify::verified;
use crate::support::world::World;

async fn claims_of(world: &World, media_type: &str, body: &str) -> Value {
    let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).body(media_type, body.to_owned());
    let answer = call.send().await.expect(200);
    verified(world, answer.json.as_str().expect("a token"), Algorithm::EdDSA).await.1
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn f12_a_form_is_read_like_json() {
    let world = World::shared();
    let form = "first_name=A%20da&email=a%40b.co&metadata=%7B%22a%22%3A%7B%22b%22%3A1%7D%7D";
    let json = r#"{"first_name":"A da","email":"a@b.co","metadata":{"a":{"b":1}}}"#;
    let (form, json) = (claims_of(&world, FORM, form).await, claims_of(&world, JSON, json).await);
    for name in ["first_name", "email", "metadata"] {
        assert_eq!(form[name], json[name], "{name}");
    }
}

#[tokio::test]
async fn f12_an_empty_body_is_accepted() {
    let world = World::shared();
    for media_type in [JSON, FORM] {
        claims_of(&world, media_type, "").await;
    }
    claims_of(&world, JSON, "{}").await;
}

#[tokio::test]
async fn f13_email_wins_over_email_domain_and_the_default_domain_is_anonymous_invalid() {
    let world = World::shared();
    let email = async |body: Value| {
        claims_of(&world, JSON, &body.to_string()).await["email"].as_str().expect("an address").to_owned()
    };
    assert_eq!(email(json!({ "email": "a@b.co", "email_domain": "c.de" })).await, "a@b.co");
    assert!(email(json!({ "email_domain": "c.de" })).await.ends_with("@c.de"));
    assert!(email(json!({})).await.ends_with("@anonymous.invalid"));
}

#[tokio::test]
async fn f12_an_invalid_field_is_named() {
    let world = World::shared();
    let long = "x".repeat(101);
    let big = json!({ "k": "v".repeat(4096) });
    for (media_type, body, field) in [
        (JSON, json!({ "nickname": "x" }), "nickname"),
        (JSON, json!({ "first_name": 1 }), "first_name"),
        (JSON, json!({ "first_name": "" }), "first_name"),
        (JSON, json!({ "first_name": null }), "first_name"),
        (JSON, json!({ "last_name": long }), "last_name"),
        (JSON, json!({ "last_name": "a\u{7}" }), "last_name"),
        (JSON, json!({ "email": "nobody" }), "email"),
        (JSON, json!({ "email": format!("{}@{}.com", "a".repeat(64), "b".repeat(200)) }), "email"),
        (JSON, json!({ "email_domain": "localhost" }), "email_domain"),
        (JSON, json!({ "metadata": "text" }), "metadata"),
        (JSON, json!({ "metadata": [1] }), "metadata"),
        (JSON, json!({ "metadata": big }), "metadata"),
        (JSON, json!([]), "body"),
        (JSON, json!("text"), "body"),
    ] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key);
        call.body(media_type, body.to_string()).send().await.expect_invalid(field);
    }
    for (media_type, body, field) in [
        (FORM, "nickname=x", "nickname"),
        (FORM, "email=a%40b.co&email=c%40d.co", "email"),
        (FORM, "metadata=%7B", "metadata"),
        (JSON, r#"{"email":"a@b.co","email":"c@d.co"}"#, "email"),
        (JSON, "{", "body"),
        ("text/plain", "first_name=x", "content-type"),
        ("application/xml", "<a/>", "content-type"),
    ] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key);
        call.body(media_type, body).send().await.expect_invalid(field);
    }
}

#[tokio::test]
async fn f12_the_body_is_parsed_only_after_authentication() {
    let world = World::shared();
    let call = world.post(&world.demo_tokens()).body(JSON, "{");
    call.send().await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn f12_metadata_is_copied_unchanged() {
    let world = World::shared();
    let metadata = r#"{"$serde_json::private::RawValue":"{\"smuggled\":true}","n":1.5}"#;
    let form = serde_urlencoded::to_string([("metadata", metadata)]).expect("a form");
    for (media_type, body) in [(JSON, format!("{{\"metadata\":{metadata}}}")), (FORM, form)] {
        let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).body(media_type, body);
        let answer = call.send().await.expect(200);
        let token = answer.json.as_str().expect("a token");
        let assertions = world.get("/v1/me/assertions").bearer(token).send().await.expect(200);
        assert!(assertions.text.contains(metadata), "{media_type}: {}", assertions.text);
    }
}

#[tokio::test]
async fn f12_metadata_nested_too_deep_is_refused() {
    let world = World::shared();
    let nested = (0..40).fold(json!({}), |inner, _| json!({ "metadata": inner }));
    let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).json(&nested);
    let refused = call.send().await.expect_problem(400, "invalid_request");
    assert!(refused.text_at("field").starts_with("metadata") && refused.text_at("field").len() <= 100);
}
