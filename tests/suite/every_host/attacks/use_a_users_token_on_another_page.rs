//! The attacker has a web page and a token of a user, for example from a link or a log, and wants visitors' browsers to use
//! the token (A9). Only an own program can send another `Origin` than that of the page.

use reqwest::Method;
use serde_json::json;

use crate::every_host::browsers::{APP, ROUTES, Site, cors_headers};

const PAGE: &str = "https://attacker.example";

#[tokio::test]
async fn a9_a_page_of_another_origin_reads_and_changes_nothing_with_a_users_token() {
    let site = Site::new(json!({ "require_signed_tokens": true })).await;
    let devices = async || site.world.list_devices(&site.project, "u").await;
    site.call(&Method::POST, "/v2/access").header("Origin", APP).send().await.expect(200);
    let before = devices().await;
    assert_eq!(before.len(), 1);
    for (method, path) in ROUTES {
        let answer = site.call(&method, path).header("Origin", PAGE).send().await;
        let answer = answer.expect_problem(403, "origin_not_allowed");
        assert!(cors_headers(&answer).is_empty(), "{path}: the page reads not even the refusal");
        assert!(!answer.text.contains("\"d\"") && !answer.text.contains("anon-"), "{path}: {}", answer.text);
    }
    assert_eq!(devices().await, before);
}

/// The attacker is a customer as well. Its own project allows its page.
#[tokio::test]
async fn a9_an_origin_is_allowed_for_its_own_project_and_provider_only() {
    let (victim, attacker) = (Site::new(json!({})).await, Site::new(json!({})).await);
    let change = json!({ "allowed_origins": [PAGE] });
    attacker.world.change(&attacker.project.path, &change).await.expect(200);
    let call = victim.call(&Method::POST, "/v2/access").header("Origin", PAGE);
    call.send().await.expect_problem(403, "origin_not_allowed");
    let token = attacker.project.basic(&victim.project.token("u"));
    let mixed = attacker.world.get("/v2/access/user/u/attached_devices").header("Authorization", &token);
    mixed.header("Origin", PAGE).send().await.expect_problem(401, "invalid_credentials");
}
