//! The calls of pages themselves: allowed, refused, and readable (A9).

use reqwest::Method;
use serde_json::{Value, json};

use super::{APP, NO_ORIGINS, ROUTES, Site, assert_readable_by, cors_headers};
use crate::support::assertions::assert_all_equal;
use crate::support::call::Answer;
use crate::support::partner::site_token_path;
use crate::support::world::World;

#[tokio::test]
async fn a9_a_page_of_an_allowed_origin_calls_and_reads_the_answer() {
    let site = Site::new(json!({ "require_signed_tokens": true })).await;
    for (method, path) in ROUTES {
        let answer = site.call(&method, path).header("Origin", APP).send().await.expect(200);
        assert_readable_by(APP, &answer);
    }
    let list = site.call(&Method::HEAD, "/v2/access/user/u/attached_devices").header("Origin", APP);
    assert_readable_by(APP, &list.send().await.expect(200));
}

#[tokio::test]
async fn a9_a_page_of_another_origin_is_refused_before_any_work() {
    let site = Site::new(json!({ "require_signed_tokens": true, "user_rate_limit": once() })).await;
    let unsigned = json!({ "user": "u", "device_id": "d" });
    for origin in NO_ORIGINS.into_iter().chain([
        "https://other.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://example.com",
        "https://www.app.example.com",
        "https://app.example.com.other.example",
    ]) {
        for (method, path) in ROUTES {
            let answer = site.call(&method, path).header("Origin", origin).send().await;
            assert_refused(&format!("{origin} {path}"), &answer);
        }
        let call = site.world.post_for_project(&site.project, "/v2/access", "").json(&unsigned);
        assert_refused(origin, &call.header("Origin", origin).send().await);
    }
    assert!(site.world.list_devices(&site.project, "u").await.is_empty(), "no device");
    let history = site.world.history(&site.project, "user=u").await;
    assert_eq!(history.json["totalDocs"], 0, "no history");
    assert!(site.world.read_notices(&site.project.account).await.is_empty(), "no notice");
    site.call(&Method::POST, "/v2/access").send().await.expect(200);
    site.call(&Method::POST, "/v2/access").send().await.expect_problem(429, "quota_exceeded");
}

fn once() -> Value {
    json!({ "requests": 1, "seconds": 86400 })
}

#[track_caller]
fn assert_refused(case: &str, answer: &Answer) {
    assert_eq!((answer.status.as_u16(), &answer.json["code"]), (403, &json!("origin_not_allowed")), "{case}");
    assert!(cors_headers(answer).is_empty(), "{case}: {:?}", answer.headers);
    assert_eq!(answer.header("ratelimit"), "", "{case}");
}

#[tokio::test]
async fn a9_requests_without_origin_are_not_concerned() {
    let site = Site::new(json!({})).await;
    for (method, path) in ROUTES {
        let answer = site.call(&method, path).send().await.expect(200);
        assert!(cors_headers(&answer).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a9_no_origin_is_allowed_by_default() {
    let world = World::shared();
    let project = world.create_project(&json!({})).await;
    let call = world.post_for_project(&project, "/v2/access", &project.token("u")).header("Origin", APP);
    assert_refused("project", &call.json(&json!({ "user": "u" })).send().await);
    let call = world.get("/v1/me/assertions").bearer(&world.anonymous_token().await);
    assert_refused("provider", &call.header("Origin", APP).send().await);
}

#[tokio::test]
async fn a9_a_page_reads_why_its_call_is_refused() {
    let site = Site::new(json!({ "require_signed_tokens": true, "user_rate_limit": once() })).await;
    let (world, project) = (&site.world, &site.project);
    let attach = async |token: &str, body: Value| {
        world.post_for_project(project, "/v2/access", token).header("Origin", APP).json(&body).send().await
    };
    let body = json!({ "user": "u", "device_id": "d" });
    let unsigned = attach("", body.clone()).await.expect_problem(401, "invalid_credentials");
    assert_readable_by(APP, &unsigned);
    assert_ne!(unsigned.header("www-authenticate"), "");
    assert_readable_by(APP, &attach(&project.token("u"), json!({ "user": 1 })).await.expect_invalid("user"));
    attach(&project.token("u"), body.clone()).await.expect(200);
    let limited = attach(&project.token("u"), body).await.expect_problem(429, "quota_exceeded");
    assert_readable_by(APP, &limited);
    assert_ne!(limited.header("retry-after"), "");
    let wrong = format!("{}x", site.anonymous_token);
    let call = world.get("/v1/me/assertions").bearer(&wrong).header("Origin", APP);
    assert_readable_by(APP, &call.send().await.expect_problem(401, "invalid_credentials"));
}

/// Client ids of projects and ids of providers are public, but a page does not learn which exist.
#[tokio::test]
async fn a9_what_does_not_exist_is_refused_like_what_allows_other_origins() {
    let site = Site::new(json!({ "require_signed_tokens": true })).await;
    let off = Site::new(json!({})).await;
    off.world.change(&off.project.path, &json!({ "status": "disabled" })).await.expect(200);
    let attach = async |client_id: &str| {
        let call = site.world.post("/v2/access").header("Authorization", &format!("Basic {client_id}:"));
        call.header("Origin", "https://other.example").json(&json!({ "user": "u" })).send().await
    };
    let unknown = "a".repeat(26);
    let mut answers = Vec::new();
    for client_id in [&site.project.client_id, &unknown, &off.project.client_id] {
        let answer = attach(client_id).await;
        assert_refused(client_id, &answer);
        answers.push(answer.text);
    }
    assert_all_equal(&answers);
}

#[tokio::test]
async fn a9_credentials_that_name_no_project_or_provider_are_refused_as_without_origin() {
    let site = Site::new(json!({})).await;
    let client_token = site.world.client_token(&site.world.demo.admin_key, "entity:r").await;
    for (method, path) in ROUTES {
        for authorization in ["", "Basic", "Digest x", "Bearer x", &format!("Bearer {client_token}")] {
            let call = site.world.call(method.clone(), path).header("Authorization", authorization);
            let answer = call.header("Origin", APP).json(&json!({})).send().await;
            assert_eq!(answer.status, 401, "{path} {authorization:.10}");
            assert!(cors_headers(&answer).is_empty(), "{path} {authorization:.10}");
        }
    }
}

/// Public documents are readable from everywhere, and nothing else is readable from anywhere, whatever the lists say.
#[tokio::test]
async fn a9_v10_a_page_cannot_read_other_routes() {
    let site = Site::new(json!({})).await;
    let world = &site.world;
    let from_page = |answer: Answer| {
        assert!(cors_headers(&answer).is_empty(), "{:?}", answer.headers);
    };
    let partner = &world.demo.partner;
    let path = site_token_path(&partner.site, "browser-1");
    from_page(
        world
            .post(&path)
            .header("x-api-key", &partner.api_key)
            .header("Origin", APP)
            .send()
            .await
            .expect(200),
    );
    let key = &world.demo.admin_key;
    let introspect = world.post("/oauth2/introspect").basic(&key.id, &key.secret).header("Origin", APP);
    from_page(introspect.form(&[("token", &site.anonymous_token)]).send().await.expect(200));
    let sign = world.post("/token/sign").bearer(&site.project.api_secret).header("Origin", APP);
    from_page(sign.json(&json!({ "user": "u" })).send().await.expect(200));
    let history = world.get("/v2/proj/access-history?user=u").bearer(&site.project.api_secret);
    from_page(history.header("Origin", APP).send().await.expect(200));
    from_page(
        world.get(&site.project.path).with_token_of(key).header("Origin", APP).send().await.expect(200),
    );
    let keys = world.get("/.well-known/jwks.json").header("Origin", APP).send().await.expect(200);
    assert_eq!(keys.header("access-control-allow-origin"), "*");
}
