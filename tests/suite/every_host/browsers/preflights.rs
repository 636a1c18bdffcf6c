//! Preflights: the requests in which a browser asks whether a page may send a call (A9; WHATWG Fetch, 4.8).

use reqwest::Method;
use serde_json::json;

use super::{APP, NO_ORIGINS, ROUTES, Site, cors_headers};
use crate::support::call::Answer;
use crate::support::partner::site_token_path;
use crate::support::world::World;

/// A preflight of a page of `origin` for a call of `path` with `method`.
async fn preflight(world: &World, origin: &str, method: &Method, path: &str) -> Answer {
    let call = world.call(Method::OPTIONS, path).header("Origin", origin);
    let call = call.header("Access-Control-Request-Method", method.as_str());
    call.header("Access-Control-Request-Headers", "authorization,content-type").send().await
}

#[tokio::test]
async fn a9_a_preflight_is_answered_alike_for_every_well_formed_origin() {
    let world = World::shared();
    for (method, path) in ROUTES {
        for origin in [APP, "https://other.example", "http://localhost:3000", "http://[::1]:8080"] {
            let answer = preflight(&world, origin, &method, path).await.expect(204);
            assert_eq!(answer.text, "", "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{path}");
            assert_eq!(answer.header("vary"), "origin", "{path}");
            assert_eq!(answer.header("access-control-allow-methods"), method.as_str(), "{path}");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "authorization, content-type",
                "{path}"
            );
            assert_eq!(answer.header("access-control-max-age"), "7200", "{path}");
            assert_eq!(cors_headers(&answer).len(), 4, "{path}: {:?}", answer.headers);
        }
    }
}

#[tokio::test]
async fn a9_a_preflight_of_no_page_is_refused() {
    let world = World::shared();
    for (method, path) in ROUTES {
        for origin in NO_ORIGINS {
            let answer = preflight(&world, origin, &method, path).await;
            let answer = answer.expect_problem(403, "origin_not_allowed");
            assert!(cors_headers(&answer).is_empty(), "{path} {origin}: {:?}", answer.headers);
        }
    }
}

#[tokio::test]
async fn a9_other_options_requests_are_refused_as_other_methods_are() {
    let world = World::shared();
    for (method, path) in ROUTES {
        let allow = if method == Method::GET { "GET, HEAD" } else { "POST" };
        let options = || world.call(Method::OPTIONS, path);
        let no_page = options().header("Access-Control-Request-Method", method.as_str());
        for (case, call) in [
            ("no headers", options()),
            ("no method", options().header("Origin", APP)),
            ("no origin", no_page),
        ] {
            let answer = call.send().await.expect_problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), allow, "{case} {path}");
            assert!(cors_headers(&answer).is_empty(), "{case} {path}");
        }
    }
}

/// V's key must not be in a page, and the other routes are called by servers. The public documents need no preflight.
#[tokio::test]
async fn a9_v10_no_other_route_answers_a_preflight() {
    let site = Site::new(json!({})).await;
    let world = &site.world;
    let entity = format!("/admin/v1/entities/{}", world.demo.account_id);
    let tokens = format!("/v1/projects/{}/tokens/verify", site.project.id);
    let project = format!("{entity}/projects/{}", site.project.id);
    for (method, path) in [
        (Method::POST, site_token_path(&world.demo.partner.site, "browser-1")),
        (Method::POST, "/oauth2/introspect".to_owned()),
        (Method::POST, "/oauth2/revoke".to_owned()),
        (Method::POST, "/oauth2/token".to_owned()),
        (Method::POST, "/v1/token".to_owned()),
        (Method::POST, "/token/sign".to_owned()),
        (Method::GET, "/v2/proj/access-history?user=u".to_owned()),
        (Method::POST, world.demo_tokens()),
        (Method::POST, tokens),
        (Method::GET, entity),
        (Method::PATCH, project),
        (Method::GET, "/admin/v1/roles".to_owned()),
        (Method::GET, "/.well-known/jwks.json".to_owned()),
    ] {
        let answer = preflight(world, APP, &method, &path).await.expect(405);
        assert!(cors_headers(&answer).is_empty(), "{path}: {:?}", answer.headers);
    }
}
