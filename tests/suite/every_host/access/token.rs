//! Window K: API keys are redeemed for short-lived access tokens (K1–K6).

use data_encoding::BASE64;
use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::every_host::verify::verified;
use crate::support::assertions::assert_all_equal;
use crate::support::call::now;
use crate::support::tenant::Key;
use crate::support::world::World;

#[tokio::test]
async fn k02_k03_a_key_is_redeemed_for_an_rs256_token_of_300_s() {
    let world = World::shared();
    let answer = world.redeem(&world.demo.api_key).await.expect(200);
    assert_eq!(answer.json["expirationTime"], 300);
    assert_eq!(answer.json.as_object().expect("an object").len(), 2);
    assert_eq!(answer.header("cache-control"), "no-store");
    let (header, claims) = verified(&world, &answer.text_at("token"), Algorithm::RS256).await;
    assert!(header.kid.is_some());
    assert_eq!(claims["sub"], *world.demo.api_key.id);
    assert_eq!(claims["client_id"], claims["sub"]);
    assert_eq!(claims["token_use"], "access");
    assert_eq!(claims["version"], 2);
    let at = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name}"));
    assert_eq!((at("auth_time"), at("exp")), (at("iat"), at("iat") + 300));
    assert!((at("iat") - now()).abs() < 15);
    assert_eq!(claims["jti"].as_str().expect("jti").len(), 36);
}

#[tokio::test]
async fn k01_the_encoded_key_is_accepted_with_and_without_padding() {
    let world = World::shared();
    let key = &world.demo.api_key;
    assert_eq!(BASE64.encode(format!("{}:{}", key.id, key.secret).as_bytes()), key.encoded);
    let unpadded = Key { encoded: key.encoded.trim_end_matches('=').to_owned(), ..key.clone() };
    world.redeem(&unpadded).await.expect(200);
}

#[tokio::test]
async fn k02_a_body_without_a_media_type_is_accepted() {
    let world = World::shared();
    let body = json!({ "apiKey": world.demo.api_key.encoded }).to_string();
    world.post("/v1/token").body_without_media_type(body).send().await.expect(200);
}

#[tokio::test]
async fn k04_a_malformed_request_gets_400_with_an_error_message() {
    let world = World::shared();
    for (media_type, body) in [
        ("application/json", json!({}).to_string()),
        ("application/json", json!({ "apiKey": 7 }).to_string()),
        ("application/json", json!({ "apiKey": null }).to_string()),
        ("application/json", json!({ "apiKey": "" }).to_string()),
        ("application/json", json!({ "apiKey": "x".repeat(513) }).to_string()),
        ("application/json", json!({ "apiKey": "x", "more": 1 }).to_string()),
        ("application/json", r#"{"apiKey":"a","apiKey":"b"}"#.to_owned()),
        ("application/json", "{".to_owned()),
        ("application/json", "[]".to_owned()),
        ("application/json", String::new()),
        ("application/json", format!("{}1{}", "[".repeat(5000), "]".repeat(5000))),
        ("application/xml", json!({ "apiKey": world.demo.api_key.encoded }).to_string()),
    ] {
        let answer = world.post("/v1/token").body(media_type, body.clone()).send().await;
        assert_eq!(answer.status, 400, "{media_type} {body:.80}");
        assert_eq!(answer.json["errorCode"], "invalid_request", "{body:.80}");
        assert!(!answer.text_at("errorMessage").is_empty());
    }
}

#[tokio::test]
async fn k04_every_invalid_key_gets_the_same_answer() {
    let world = World::shared();
    let key = &world.demo.api_key;
    let encode = |text: String| BASE64.encode(text.as_bytes());
    let mut bodies = Vec::new();
    for (case, encoded) in [
        ("undecodable", "***".to_owned()),
        ("no colon", encode(key.id.clone())),
        ("no text", "/////w==".to_owned()),
        ("unknown", encode(format!("{}:{}", "a".repeat(26), key.secret))),
        ("wrong secret", encode(format!("{}:{}", key.id, world.demo.admin_key.secret))),
        ("cut secret", encode(format!("{}:{}", key.id, &key.secret[..63]))),
        ("empty secret", encode(format!("{}:", key.id))),
        ("more after it", encode(format!("{}:{}:", key.id, key.secret))),
        ("upper case id", encode(format!("{}:{}", key.id.to_uppercase(), key.secret))),
    ] {
        let answer = world.redeem(&Key { encoded, ..key.clone() }).await;
        assert_eq!(answer.status, 401, "{case}");
        assert_eq!(answer.json["errorCode"], "invalid_api_key", "{case}");
        bodies.push(answer.text);
    }
    let integration = world.create_integration(&world.demo.account_id, "auditor").await;
    let keys = format!("/admin/v1/entities/{}/integrations/{integration}/keys", world.demo.account_id);
    for off in [json!({ "status": "disabled" }), json!({ "valid_until": "2020-01-01T00:00:00Z" })] {
        let off_key = world.create_key(&world.demo.account_id, &integration).await;
        world.change(&format!("{keys}/{}", off_key.id), &off).await.expect(200);
        bodies.push(world.redeem(&off_key).await.expect(401).text);
    }
    assert_all_equal(&bodies);
}

#[tokio::test]
async fn k04_only_a_caller_with_the_secret_learns_of_an_inactive_organization() {
    let world = World::shared();
    let organization = world.create_entity(&world.demo.customer_id).await;
    let account = world.create_entity(&organization).await;
    let key = world.create_key_with_role(&account, "account_admin").await;
    world.redeem(&key).await.expect(200);
    let path = format!("/admin/v1/entities/{organization}");
    world.change(&path, &json!({ "status": "disabled" })).await.expect(200);
    let refused = world.wait_for_status(401, async || world.redeem(&key).await).await;
    assert_eq!(refused.json["errorCode"], "organization_inactive");
    let wrong = BASE64.encode(format!("{}:{}", key.id, "x".repeat(64)).as_bytes());
    let refused = world.redeem(&Key { encoded: wrong, ..key.clone() }).await.expect(401);
    assert_eq!(refused.json["errorCode"], "invalid_api_key");
    world.change(&path, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || world.redeem(&key).await).await;
}

#[tokio::test]
async fn k05_the_token_works_as_a_bearer_token() {
    let world = World::shared();
    let token = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let path = format!("/admin/v1/entities/{}", world.demo.account_id);
    world.get(&path).bearer(&token).send().await.expect(200);
}

#[tokio::test]
async fn k06_the_scopes_are_those_of_the_granted_roles() {
    let world = World::shared();
    let roles = world.read("/admin/v1/roles").await.expect(200);
    for role in roles.json["items"].as_array().expect("items") {
        let name = role["role"].as_str().expect("a role");
        let key = world.create_key_with_role(&world.demo.account_id, name).await;
        let token = world.redeem(&key).await.expect(200).text_at("token");
        let (_, claims) = verified(&world, &token, Algorithm::RS256).await;
        let scopes: Vec<_> =
            role["scopes"].as_array().expect("scopes").iter().filter_map(|it| it.as_str()).collect();
        assert_eq!(claims["scope"], scopes.join(" "), "{name}");
    }
    let discovery = world.get("/.well-known/openid-configuration").send().await.expect(200);
    assert!(discovery.json["scopes_supported"].as_array().expect("scopes").contains(&json!("launchpad:r")));
}
