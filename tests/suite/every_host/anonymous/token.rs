//! Window F: signed requests and their tokens (F9–F11, F14, F15).

use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::every_host::verify::verified;
use crate::support::assertions::assert_all_equal;
use crate::support::call::{now, sign, signature_headers};
use crate::support::world::{World, tokens_path};

#[tokio::test]
async fn f09_every_kind_of_entity_has_a_token_route() {
    let world = World::shared();
    for entity in [&world.demo.customer_id, &world.demo.organization_id, &world.demo.account_id] {
        let (_, tokens) = world.create_provider(entity).await;
        world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
    }
    assert!(world.demo.secure_anonymous.token_url.ends_with(&world.demo_tokens()));
}

#[tokio::test]
async fn f09_the_route_of_another_kind_of_entity_is_404() {
    let world = World::shared();
    let wrong = world.demo_tokens().replace("/v1/accounts/", "/v1/customers/");
    world.request_token(&wrong, &world.demo.admin_key).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn f10_every_wrong_signature_gets_the_same_answer() {
    let world = World::shared();
    let (id, secret, path) = (&world.demo.api_key.id, &world.demo.api_key.secret, world.demo_tokens());
    let (at, earlier) = (now().to_string(), (now() - 7).to_string());
    let good = sign(secret, &at, id);
    let other = world.create_key_with_role(&world.demo.account_id, "account_admin").await;
    let unknown_id = "a".repeat(26);
    let cases: [(&str, &str, &str, String); 11] = [
        ("malformed", id, &at, "zz".repeat(32)),
        ("empty", id, &at, String::new()),
        ("upper case", id, &at, good.to_uppercase()),
        ("truncated", id, &at, good[..62].to_owned()),
        ("too long", id, &at, format!("{good}00")),
        ("other key's secret", id, &at, sign(&other.secret, &at, id)),
        ("other key's id", &other.id, &at, good.clone()),
        ("other timestamp signed", id, &at, sign(secret, &earlier, id)),
        ("order swapped", id, &at, sign(secret, id, &at)),
        ("unknown key", &unknown_id, &at, sign(secret, &at, &unknown_id)),
        ("malformed client id", "client", &at, good.clone()),
    ];
    let mut messages = Vec::new();
    for (case, id, at, signature) in cases {
        let call = world.post(&path).header("X-Frame-ClientId", id).header("X-Frame-Timestamp", at);
        let answer = call.header("X-Frame-Signature", &signature).send().await;
        assert_eq!(answer.status, 401, "{case}: {}", answer.text);
        assert!(answer.json["server_time"].as_i64().is_some(), "{case}");
        assert!(!answer.header("www-authenticate").is_empty(), "{case}");
        messages.push(answer.text_at("detail") + &answer.text_at("code"));
    }
    assert_all_equal(&messages);
}

#[tokio::test]
async fn f10_every_header_is_required() {
    let world = World::shared();
    let path = world.demo_tokens();
    let headers = signature_headers(&world.demo.api_key, now());
    world.post(&path).headers(&headers).send().await.expect(200);
    for missing in 0..headers.len() {
        let mut incomplete = headers.to_vec();
        incomplete.remove(missing);
        world.post(&path).headers(&incomplete).send().await.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn f11_stale_and_future_timestamps_are_refused_with_the_server_s_time() {
    let world = World::shared();
    for (offset, status) in [(-320, 401), (-280, 200), (40, 200), (80, 401)] {
        let call = world.post(&world.demo_tokens()).signed_at(&world.demo.api_key, now() + offset);
        let answer = call.send().await.expect(status);
        if status == 401 {
            let server_time = answer.json["server_time"].as_i64().expect("the server's time");
            assert!((server_time - now()).abs() < 15, "{offset}: {server_time}");
        }
    }
}

#[tokio::test]
async fn f14_the_token_has_the_documented_claims_and_verifies_with_the_jwks() {
    let world = World::shared();
    let body = json!({ "first_name": "Ada", "last_name": "L", "email": "ada@example.com", "metadata": { "k": [1] } });
    let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).json(&body);
    let answer = call.send().await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.json.as_str().expect("a bare JSON string");

    let (header, claims) = verified(&world, token, Algorithm::EdDSA).await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!(claims["anonymous"], true);
    assert_eq!(claims["provider_id"], *world.demo.secure_anonymous.provider_id);
    assert_eq!(claims["entity_id"], *world.demo.account_id);
    assert_eq!(claims["roles"], json!([{ "role": "launchpad_user", "entity_id": world.demo.account_id }]));
    assert_eq!(claims["scope"], "launchpad:r");
    for (name, value) in body.as_object().expect("an object") {
        assert_eq!(&claims[name], value, "{name}");
    }
    let at = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name}"));
    assert_eq!((at("nbf"), at("exp")), (at("iat"), at("iat") + 3600));
    assert!((at("iat") - now()).abs() < 15);
}

#[tokio::test]
async fn f14_every_token_has_a_new_subject_id_and_email() {
    let world = World::shared();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let answer = world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200);
        let (_, claims) = verified(&world, answer.json.as_str().expect("a token"), Algorithm::EdDSA).await;
        for name in ["sub", "jti", "email"] {
            assert!(seen.insert(claims[name].as_str().expect(name).to_owned()), "{name} is repeated");
        }
        assert!(claims["sub"].as_str().expect("sub").starts_with("anon-"));
    }
}

#[tokio::test]
async fn f15_assertions_return_the_identity_and_metadata() {
    let world = World::shared();
    let body = json!({ "first_name": "Ada", "email_domain": "example.com", "metadata": { "seat": 7 } });
    let call = world.post(&world.demo_tokens()).signed(&world.demo.api_key).json(&body);
    let answer = call.send().await.expect(200);
    let token = answer.json.as_str().expect("a token");
    for path in ["/v1/me/assertions", "/api/rest/v1/me/assertions"] {
        let assertions = world.get(path).bearer(token).send().await.expect(200);
        assert_eq!(assertions.json["first_name"], "Ada");
        assert_eq!(assertions.json["metadata"], json!({ "seat": 7 }));
        assert_eq!(assertions.json["anonymous"], true);
        assert!(assertions.text_at("email").ends_with("@example.com"));
        assert!(assertions.json.get("last_name").is_none());
    }
}

#[tokio::test]
async fn f15_assertions_refuse_invalid_tokens_and_access_tokens() {
    let world = World::shared();
    let token = world.anonymous_token().await;
    let access = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let path = "/v1/me/assertions";
    for (case, bad) in [
        ("empty", String::new()),
        ("unsigned", format!("{head}.")),
        ("tampered", format!("{head}.{flipped}{}", &signature[1..])),
        ("an access token", access),
        ("none", format!("eyJhbGciOiJub25lIn0.{}.", head.split_once('.').expect("two parts").1)),
    ] {
        let answer = world.get(path).bearer(&bad).send().await;
        assert_eq!(answer.status, 401, "{case}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{case}");
    }
    world.get(path).send().await.expect_problem(401, "invalid_credentials");
    world.get(path).header("Authorization", &format!("Basic {token}")).send().await.expect(401);
}

#[tokio::test]
async fn f16_unknown_entities_and_providers_are_404() {
    let world = World::shared();
    let account = world.create_account().await;
    let (provider, _) = world.create_provider(&account).await;
    let unknown_id = "01a1fd8d-3dcf-75c4-bdaa-93d15384ab40";
    for (case, path) in [
        ("unknown entity", tokens_path(&format!("account-{unknown_id}"), &provider)),
        ("unknown provider", tokens_path(&account, &format!("secure-anon-{unknown_id}"))),
        ("provider of another entity", tokens_path(&world.demo.account_id, &provider)),
        ("malformed entity", tokens_path("account-1", &provider)),
        ("malformed provider", tokens_path(&account, "secure-anon-%20")),
    ] {
        let answer = world.request_token(&path, &world.demo.admin_key).await;
        assert_eq!(answer.status, 404, "{case}: {}", answer.text);
    }
}
