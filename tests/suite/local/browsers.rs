//! What calls from web pages cost (A9).

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use super::contract::yaml;
use super::embedded::booth_behind_proxy;
use crate::every_host::browsers::{APP, ROUTES, Site};
use crate::support::call::Call;
use crate::support::world::World;

fn attach_from(world: &World, origin: &str) -> Call {
    let project = &world.demo.project;
    let call = world.post("/v2/access").header("Authorization", &project.basic(&project.token("u")));
    call.header("Origin", origin).json(&json!({ "user": "u", "device_id": "d" }))
}

#[tokio::test]
async fn a9_a_preflight_takes_no_round_trip() {
    let booth = booth_behind_proxy(0).await;
    for path in [
        "/v2/access",
        "/v2/identity",
        "/v2/access/detach",
        "/v2/access/user/u/attached_devices",
        "/v1/me/assertions",
    ] {
        for (origin, status) in [(APP, 204), ("https://other.example", 204), ("null", 403)] {
            let call = booth.world.call(Method::OPTIONS, path).header("Origin", origin);
            call.header("Access-Control-Request-Method", "POST").send().await.expect(status);
        }
    }
    assert_eq!(booth.proxy.take_calls(), BTreeMap::new());
}

/// The gateway joins the values of a repeated header. Others pass only one of them on, or no empty header.
#[tokio::test]
async fn a9_a_repeated_or_empty_origin_is_refused_even_if_each_is_allowed() {
    let site = Site::new(json!({})).await;
    for (method, path) in ROUTES {
        let empty = site.call(&method, path).header("Origin", "");
        empty.send().await.expect_problem(403, "origin_not_allowed");
        site.call(&method, path).header("Origin", APP).send().await.expect(200);
        let call = site.call(&method, path).header("Origin", APP).header("Origin", APP);
        call.send().await.expect_problem(403, "origin_not_allowed");
    }
}

/// API Gateway would answer preflights itself, and replace the headers of CORS in every answer.
#[test]
fn a9_the_gateway_leaves_cors_to_the_functions() {
    let api = &yaml("template.yaml")["Resources"]["Api"];
    assert_eq!(api["Type"], "AWS::Serverless::HttpApi");
    assert!(api["Properties"]["CorsConfiguration"].is_null());
    assert!(yaml("template.yaml")["Globals"]["HttpApi"].is_null());
}

/// The project is cached. The read is that of the token's revocation, which a call without `Origin` takes as well.
#[tokio::test]
async fn a9_a_page_of_another_origin_costs_one_read_and_no_write() {
    let booth = booth_behind_proxy(60).await;
    attach_from(&booth.world, APP).send().await.expect_problem(403, "origin_not_allowed");
    booth.proxy.take_calls();
    attach_from(&booth.world, APP).send().await.expect_problem(403, "origin_not_allowed");
    assert_eq!(booth.proxy.take_calls(), BTreeMap::from([("BatchGetItem".to_owned(), 1)]));
    attach_from(&booth.world, "null").send().await.expect_problem(403, "origin_not_allowed");
    assert_eq!(booth.proxy.take_calls(), BTreeMap::new(), "what is no origin is not looked up");
}
