//! Window S: signing tokens, credentials of the callers, and rate limits (S1–S5, S10).

use data_encoding::{BASE64, BASE64URL_NOPAD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::assertions::assert_all_equal;
use crate::support::call::Answer;
use crate::support::jwt;
use crate::support::project::Project;
use crate::support::world::World;

async fn sign(world: &World, project: &Project, body: &Value) -> Answer {
    world.post("/token/sign").bearer(&project.api_secret).json(body).send().await
}

#[tokio::test]
async fn s03_a_token_is_signed_with_the_project_s_api_secret() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let answer = sign(&world, &project, &json!({ "user": "u1" })).await.expect(200);
    assert_eq!(answer.json.as_object().expect("an object").len(), 1);
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.text_at("secret");
    assert_eq!(jwt::header(&token), json!({ "alg": "HS256", "typ": "JWT", "kid": project.client_id }));
    assert_eq!(jwt::claims(&token)["user"], "u1");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let mut parts = signed.split('.');
    let (header, claims) = (parts.next().expect("a header"), parts.next().expect("claims"));
    let json = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).expect("Base64");
    assert_eq!(BASE64URL_NOPAD.encode(&json(header)), header);
    assert_eq!(BASE64URL_NOPAD.encode(&json(claims)), claims);
    assert_eq!(signature.len(), 43, "HMAC-SHA256");
    world.attach(&project, &token, &json!({ "user": "u1" })).await.expect(200);
    world.attach(&project, &token, &json!({ "user": "u2" })).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn s03_a_user_can_be_empty_but_not_missing() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    sign(&world, &project, &json!({ "user": "" })).await.expect(200);
    sign(&world, &project, &json!({ "user": "x".repeat(256), "more": [1] })).await.expect(200);
    for body in [
        json!({}),
        json!({ "user": null }),
        json!({ "user": 1 }),
        json!({ "user": ["u"] }),
        json!({ "user": "x".repeat(257) }),
        json!({ "user": "a\nb" }),
    ] {
        sign(&world, &project, &body).await.expect_invalid("user");
    }
    let twice = world.post("/token/sign").bearer(&project.api_secret);
    twice.body("application/json", r#"{"user":"a","user":"b"}"#).send().await.expect_invalid("user");
    sign(&world, &project, &json!(["u"])).await.expect_invalid("body");
    let long = json!({ "user": "u", "more": "x".repeat(8192) });
    sign(&world, &project, &long).await.expect_problem(413, "payload_too_large");
}

#[tokio::test]
async fn s03_only_the_api_secret_signs_and_all_others_get_the_same_401() {
    let world = World::shared();
    let (project, other) = (world.create_project(&json!({})).await, world.create_project(&json!({})).await);
    let mut details = Vec::new();
    let last = if project.api_secret.ends_with('a') { "i" } else { "a" };
    let made_up = format!("{}{last}", &project.api_secret[..63]);
    for header in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {made_up}"),
        format!("Bearer {}", project.client_id),
        format!("Bearer {}", project.token("u")),
        format!("Bearer {}x", other.api_secret),
        project.basic(&project.token("u")),
        project.basic(""),
        format!(
            "Basic {}",
            BASE64.encode(format!("{}:{}", project.client_id, project.api_secret).as_bytes())
        ),
    ] {
        let call = world.post("/token/sign").header("Authorization", &header).json(&json!({ "user": "u" }));
        let answer = call.send().await.expect_problem(401, "invalid_credentials");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"tokenbooth\"");
        details.push(answer.json["detail"].clone());
    }
    assert_all_equal(&details);
}

#[tokio::test]
async fn s03_a_signed_token_is_counted_for_its_project() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let metered = async || {
        let read = world.read(&project.path).await.expect(200);
        let months = read.json["metered_requests"].as_object().expect("months").clone();
        assert_eq!(months.len(), 1, "the current month alone");
        months.into_iter().next().expect("a month")
    };
    let (month, none) = metered().await;
    assert_eq!((month.len(), none), (7, json!(0)));
    for _ in 0..3 {
        sign(&world, &project, &json!({ "user": "u" })).await.expect(200);
    }
    sign(&world, &project, &json!({ "user": null })).await.expect(400);
    assert_eq!(metered().await.1, json!(3));
}

#[tokio::test]
async fn s02_a_rotated_secret_signs_and_verifies_until_its_end() {
    let world = World::shared();
    let old = world.create_signing_project().await;
    let user = json!({ "user": "u" });
    let rotated = world.create(&format!("{}/rotate", old.path), &json!({})).await.expect(201);
    let new = Project { api_secret: rotated.text_at("api_secret"), ..old.clone() };
    world.wait_for_status(200, async || world.attach(&new, &new.token("u"), &user).await).await;
    for project in [&old, &new] {
        world.attach(project, &project.token("u"), &user).await.expect(200);
        let signed = sign(&world, project, &user).await.expect(200).text_at("secret");
        let newest = jwt::sign_hs256(&jwt::header(&signed), &jwt::claims(&signed), &new.api_secret);
        assert_eq!(jwt::claims(&newest), jwt::claims(&signed));
    }
    let at_once = json!({ "valid_until": "2020-01-01T00:00:00Z" });
    world.create(&format!("{}/rotate", old.path), &at_once).await.expect(201);
    world.wait_for_status(401, async || world.attach(&old, &old.token("u"), &user).await).await;
    world.wait_for_status(401, async || sign(&world, &old, &user).await).await;
    world.wait_for_status(401, async || sign(&world, &new, &user).await).await;
}

#[tokio::test]
async fn s05_the_basic_header_is_accepted_raw_and_in_base64() {
    let world = World::shared();
    let project = world.create_signing_project().await;
    let pair = format!("{}:{}", project.client_id, project.token("u"));
    for header in [
        format!("Basic {pair}"),
        format!("basic {pair}"),
        format!("Basic {}", BASE64.encode(pair.as_bytes())),
    ] {
        let call = world.post("/v2/access").header("Authorization", &header);
        call.json(&json!({ "user": "u" })).send().await.expect(200);
    }
}

#[tokio::test]
async fn s05_a_missing_or_unknown_client_id_gets_401() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    for header in [
        String::new(),
        "Basic".to_owned(),
        "Basic :".to_owned(),
        format!("Basic {}:", "a".repeat(26)),
        format!("Basic {}", project.client_id),
        format!("Basic {}:", project.client_id.to_uppercase()),
        format!("Basic {}", BASE64.encode(project.client_id.as_bytes())),
        format!("Bearer {}", project.api_secret),
    ] {
        for path in ["/v2/access", "/v2/identity"] {
            let call = world.post(path).header("Authorization", &header).json(&json!({ "user": "u" }));
            let answer = call.send().await.expect_problem(401, "invalid_credentials");
            assert_eq!(answer.header("www-authenticate"), "Basic realm=\"tokenbooth\"", "{header}");
        }
    }
}

#[tokio::test]
async fn s02_only_a_caller_with_a_valid_credential_learns_that_a_project_is_disabled() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let user = json!({ "user": "u" });
    world.attach(&project, "", &user).await.expect(200);
    world.change(&project.path, &json!({ "status": "disabled" })).await.expect(200);
    let secret = async || sign(&world, &project, &user).await;
    world.wait_for_status(403, secret).await.expect_problem(403, "entity_disabled");
    let signed = async || world.attach(&project, &project.token("u"), &user).await;
    world.wait_for_status(403, signed).await.expect_problem(403, "entity_disabled");
    let unknown = world.attach(&Project { client_id: "a".repeat(26), ..project.clone() }, "", &user).await;
    let unproven = world.attach(&project, "", &user).await.expect(401);
    assert_eq!(unproven.json["detail"], unknown.expect(401).json["detail"]);
    world.change(&project.path, &json!({ "status": "active" })).await.expect(200);
    world.wait_for_status(200, async || world.attach(&project, "", &user).await).await;
    let account = project.path.split("/projects").next().expect("an account").to_owned();
    for off in [json!({ "status": "disabled" }), json!({ "status": "active", "api_enabled": false })] {
        world.change(&account, &off).await.expect(200);
        world.wait_for_status(403, async || sign(&world, &project, &user).await).await;
    }
}

#[tokio::test]
async fn s10_calls_are_limited_by_user_and_by_project() {
    let world = World::shared();
    let limits = json!({
        "user_rate_limit": { "requests": 2, "seconds": 86400 }, "rate_limit": { "requests": 3, "seconds": 86400 },
    });
    let project = world.create_project(&limits).await;
    let attach =
        async |user: &str| world.attach(&project, &project.token(user), &json!({ "user": user })).await;
    let first = attach("a").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"user\";q=2;w=86400, \"project\";q=3;w=86400");
    attach("a").await.expect(200);
    let refused = attach("a").await.expect_problem(429, "quota_exceeded");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    assert!(refused.header("ratelimit").starts_with("\"user\";r=0"), "{}", refused.header("ratelimit"));
    attach("b").await.expect(200);
    let refused = attach("c").await.expect_problem(429, "quota_exceeded");
    assert!(refused.header("ratelimit").contains("\"project\";r=0"), "{}", refused.header("ratelimit"));
    sign(&world, &project, &json!({ "user": "a" })).await.expect(200);
    let call = world.call(Method::GET, "/v2/proj/access-history?user=a").bearer(&project.api_secret);
    assert_eq!(call.send().await.expect(200).header("ratelimit-policy"), "\"project\";q=3;w=86400");
}
