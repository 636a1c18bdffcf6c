//! An attacker catches the headers of a signed request (F10), for example in a proxy's log. They cover neither method nor
//! path nor body, and are valid for 300 s.

use reqwest::Method;
use serde_json::json;

use crate::support::call::{Answer, now, signature_headers};
use crate::support::world::{World, unique};

/// The headers of a token request of the demo customer's administrator. Window F accepts them (F10).
async fn caught_headers(world: &World) -> [(&'static str, String); 3] {
    let caught = signature_headers(&world.demo.admin_key, now());
    world.post(&world.demo_tokens()).headers(&caught).send().await.expect(200);
    caught
}

fn demo_projects(world: &World) -> String {
    format!("/admin/v1/entities/{}/projects", world.demo.account_id)
}

/// Asserts the 401 that every wrong credential gets, with the way to a bearer token.
#[track_caller]
fn assert_refused(answer: Answer) {
    let refused = answer.expect_problem(401, "invalid_credentials");
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"tokenbooth\"");
    assert!(refused.text_at("detail").contains("bearer token"), "{}", refused.text);
}

#[tokio::test]
async fn a12_caught_headers_cannot_create_a_project() {
    let world = World::shared();
    let caught = caught_headers(&world).await;
    let project = json!({ "name": unique("caught") });
    assert_refused(world.post(&demo_projects(&world)).headers(&caught).json(&project).send().await);
}

#[tokio::test]
async fn a12_caught_headers_cannot_download_the_keys_of_a_project() {
    let world = World::shared();
    let caught = caught_headers(&world).await;
    let file = format!("{}/{}/settings-file", demo_projects(&world), world.demo.project.id);
    assert_refused(world.get(&file).headers(&caught).send().await);
}

#[tokio::test]
async fn a12_caught_headers_cannot_change_or_delete() {
    let world = World::shared();
    let caught = caught_headers(&world).await;
    let account = format!("/admin/v1/entities/{}", world.create_account().await);
    for method in [Method::PATCH, Method::DELETE] {
        let body = json!({ "name": unique("caught") });
        assert_refused(world.call(method, &account).headers(&caught).json(&body).send().await);
    }
}

#[tokio::test]
async fn a12_caught_headers_cannot_build_or_verify_a_token() {
    let world = World::shared();
    let caught = caught_headers(&world).await;
    let project = format!("/v1/projects/{}", world.demo.project.id);
    for (path, body) in [
        ("security-tokens", json!({ "fields": { "AppId": "shop" } })),
        ("user-tokens", json!({ "fields": { "UserName": "jd", "Display": "J. Doe" } })),
        ("combined-tokens", json!({ "fields": { "AppId": "shop", "UserName": "jd", "Display": "J. Doe" } })),
        ("tokens/verify", json!({ "XST": "A" })),
    ] {
        let answer = world.post(&format!("{project}/{path}")).headers(&caught).json(&body).send().await;
        answer.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a12_the_answer_does_not_tell_whether_a_signature_was_right() {
    let world = World::shared();
    let right = signature_headers(&world.demo.admin_key, now());
    let stale = signature_headers(&world.demo.admin_key, now() - 4000);
    let mut wrong = right.clone();
    wrong[2].1 = "0".repeat(64);
    let mut answers = Vec::new();
    for headers in [&right[..], &stale, &wrong, &[]] {
        let answer = world.get("/admin/v1/entities").headers(headers).send().await;
        let mut body = answer.json.clone();
        body["server_time"] = json!(0);
        answers.push((answer.status, answer.header("www-authenticate").to_owned(), body));
    }
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:#?}");
}
