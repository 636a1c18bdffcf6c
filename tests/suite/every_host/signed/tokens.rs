//! Window S: valid and invalid signed tokens, with signing required and optional (S1, S4, S9).

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::assertions::assert_all_equal;
use crate::support::call::now;
use crate::support::jwt::sign_hs256;
use crate::support::project::Project;
use crate::support::world::World;

fn header() -> Value {
    json!({ "alg": "HS256", "typ": "JWT" })
}

/// Invalid tokens: a case name, the recorded reason, and the token.
fn bad_tokens(project: &Project, other: &Project) -> Vec<(&'static str, &'static str, String)> {
    let user = json!({ "user": "u" });
    let with = |header: &Value, claims: &Value| sign_hs256(header, claims, &project.api_secret);
    let good = project.token("u");
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let encoded_header = signed.rsplit_once('.').expect("claims").0;
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    let claims = signed.rsplit_once('.').expect("claims").1;
    let changed_claims = BASE64URL_NOPAD.encode(br#"{"user":"u","admin":true}"#);
    vec![
        ("nothing", "no_token", String::new()),
        ("no JWT", "malformed_token", "abc".to_owned()),
        ("none, signed", "other_algorithm", with(&json!({ "alg": "none" }), &user)),
        ("none, unsigned", "other_algorithm", format!("{none}.{claims}.")),
        ("RS256", "other_algorithm", with(&json!({ "alg": "RS256", "typ": "JWT" }), &user)),
        ("HS512", "other_algorithm", with(&json!({ "alg": "HS512", "typ": "JWT" }), &user)),
        ("ES256", "other_algorithm", with(&json!({ "alg": "ES256", "typ": "JWT" }), &user)),
        ("critical extension", "malformed_token", with(&json!({ "alg": "HS256", "crit": ["x"] }), &user)),
        ("changed payload", "wrong_signature", format!("{encoded_header}.{changed_claims}.{signature}")),
        ("no signature", "wrong_signature", format!("{signed}.")),
        ("empty key", "wrong_signature", sign_hs256(&header(), &user, "")),
        ("client id as key", "wrong_signature", sign_hs256(&header(), &user, &project.client_id)),
        ("another project's", "wrong_signature", other.token("u")),
        ("no user", "wrong_signature", with(&header(), &json!({}))),
        ("user a number", "wrong_signature", with(&header(), &json!({ "user": 1 }))),
        ("user null", "wrong_signature", with(&header(), &json!({ "user": null }))),
        ("expired", "expired", with(&header(), &json!({ "user": "u", "exp": now() - 60 }))),
        ("exp a text", "wrong_signature", with(&header(), &json!({ "user": "u", "exp": "never" }))),
        ("not yet valid", "not_yet_valid", with(&header(), &json!({ "user": "u", "nbf": now() + 600 }))),
        ("another user", "other_user", project.token("v")),
        ("the empty user", "other_user", project.token("")),
    ]
}

#[tokio::test]
async fn s04_a_token_signed_with_the_api_secret_and_the_documented_payload_is_accepted() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let user = json!({ "user": "u" });
    for (case, header, claims) in [
        ("as documented", header(), user.clone()),
        ("no type", json!({ "alg": "HS256" }), user.clone()),
        ("a key id", json!({ "alg": "HS256", "typ": "JWT", "kid": "mine" }), user.clone()),
        ("more claims", header(), json!({ "user": "u", "iat": now(), "sub": "x", "x": [{}] })),
        ("exp and nbf that hold", header(), json!({ "user": "u", "exp": now() + 600, "nbf": now() - 600 })),
    ] {
        let token = sign_hs256(&header, &claims, &project.api_secret);
        assert_eq!(world.attach(&project, &token, &user).await.status, 200, "{case}");
    }
}

#[tokio::test]
async fn s01_s04_with_signing_required_every_invalid_token_gets_the_same_401() {
    let world = World::shared();
    let (project, other) = (world.create_signing_project().await, world.create_signing_project().await);
    let mut details = Vec::new();
    for (case, _, token) in bad_tokens(&project, &other) {
        let answer = world.attach(&project, &token, &json!({ "user": "u" })).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text_at("code")),
            (401, "invalid_credentials".into()),
            "{case}"
        );
        details.push(answer.json["detail"].clone());
        let path = "/v2/access/user/u/attached_devices";
        let list = world.get(path).header("Authorization", &project.basic(&token)).send().await;
        assert_eq!(list.status, 401, "{case}");
        let body = json!({ "user": "u", "device": "d" });
        let detach = world.post_for_project(&project, "/v2/access/detach", &token).json(&body).send().await;
        assert_eq!(detach.status, 401, "{case}");
        if !["another user", "the empty user"].contains(&case) {
            assert_eq!(world.identify(&project, &token, &json!({})).await.status, 401, "{case}");
        }
    }
    assert_all_equal(&details);
    assert!(world.list_devices(&project, "u").await.is_empty(), "nothing was attached");
    let history = world.history(&project, "user=u").await.expect(200);
    assert_eq!(history.json["totalDocs"], 0, "refused calls are no part of the history (S9)");
}

#[tokio::test]
async fn s01_every_401_says_that_a_token_or_the_api_secret_is_needed() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let unknown = Project {
        client_id: "a".repeat(26),
        api_secret: format!("{}x", project.api_secret),
        ..project.clone()
    };
    let routes = [
        (Method::POST, "/token/sign"),
        (Method::POST, "/v2/access"),
        (Method::POST, "/v2/identity"),
        (Method::POST, "/v2/access/detach"),
        (Method::GET, "/v2/access/user/u/attached_devices"),
        (Method::GET, "/v2/proj/access-history?user=u"),
    ];
    let wrong = [
        ("", "nothing"),
        ("Digest x", "another scheme"),
        (&*project.basic(""), "no token"),
        (&*project.basic("abc"), "no JWT"),
        (&*project.basic(&project.sign(&json!({ "user": "u", "exp": 1 }), false)), "an expired token"),
        (&*unknown.basic(&project.token("u")), "an unknown client id"),
        (&*format!("Bearer {}", unknown.api_secret), "a wrong secret"),
    ];
    let mut details = Vec::new();
    for (method, path) in routes {
        for (header, case) in wrong {
            let mut call = world.call(method.clone(), path);
            if !header.is_empty() {
                call = call.header("Authorization", header);
            }
            if method == Method::POST {
                call = call.json(&json!({ "user": "u", "device": "d" }));
            }
            let answer = call.send().await;
            assert_eq!(answer.status, 401, "{path}: {case}");
            details.push(answer.json["detail"].clone());
        }
    }
    assert_all_equal(&details);
    let detail = details[0].as_str().expect("a text");
    assert!(detail.contains("a valid token") && detail.contains("the project's API secret"), "{detail}");
}

#[tokio::test]
async fn s09_with_signing_off_a_bad_token_is_accepted_and_recorded_with_the_reason() {
    let world = World::shared();
    let (project, other) = (world.create_project(&json!({})).await, world.create_project(&json!({})).await);
    for (case, reason, token) in bad_tokens(&project, &other) {
        let body = json!({ "user": "u", "device_id": "d" });
        assert_eq!(world.attach(&project, &token, &body).await.status, 200, "{case}");
        let history = world.history(&project, "device=d").await.expect(200);
        let item = &history.json["docs"][0];
        assert_eq!((&item["signed"], &item["reason"]), (&json!(false), &json!(reason)), "{case}");
    }
    let body = json!({ "user": "u", "device_id": "good" });
    world.attach(&project, &project.token("u"), &body).await.expect(200);
    let history = world.history(&project, "device=good").await.expect(200);
    let item = &history.json["docs"][0];
    assert_eq!((&item["signed"], &item["reason"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn s09_a_refused_call_is_in_the_notices_with_its_reason() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    world.attach(&project, "", &json!({ "user": "u" })).await.expect(401);
    world.attach(&project, &project.token("v"), &json!({ "user": "u" })).await.expect(401);
    let refused = world.read_notices(&project.account).await;
    let reasons: Vec<_> = refused.iter().map(|it| &it["details"]["reason"]).collect();
    assert_eq!(reasons, ["other_user", "no_token"], "newest first");
    for record in &refused {
        assert_eq!(record["action"], "project.refuse_access");
        assert_eq!(record["details"]["call"], "attachment");
        assert_eq!(record["target"], json!({ "kind": "project", "id": project.id }));
        assert_eq!(record["actor"], json!({ "client_id": project.client_id, "via": "project" }));
        assert!(record["source_ip"].is_string());
    }
}

#[tokio::test]
async fn s01_a_missing_token_is_refused_before_the_body_is_validated() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    world.attach(&project, "", &json!({})).await.expect_problem(401, "invalid_credentials");
    world.attach(&project, &project.token("u"), &json!({})).await.expect_invalid("user");
}
