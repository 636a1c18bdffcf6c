//! Calls from web pages of other origins (A9).

mod calls;
mod own_api;
mod preflights;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::project::Project;
use crate::support::world::{World, tokens_path, unique};

/// The origin whose pages the project and the provider of these tests allow.
pub(crate) const APP: &str = "https://app.example.com";

/// Every route that pages may call: its method and its path.
pub(crate) const ROUTES: [(Method, &str); 6] = [
    (Method::POST, "/v2/access"),
    (Method::POST, "/v2/identity"),
    (Method::POST, "/v2/access/detach"),
    (Method::GET, "/v2/access/user/u/attached_devices"),
    (Method::GET, "/v1/me/assertions"),
    (Method::GET, "/api/rest/v1/me/assertions"),
];

/// Values of `Origin` that belong to no web page, or do not say which.
pub(crate) const NO_ORIGINS: [&str; 7] = [
    "null",
    "*",
    "https://app.example.com/",
    "https://app.example.com:443",
    "HTTPS://app.example.com",
    "https://*.example.com",
    "https://app.example.com, https://app.example.com",
];

/// A project and a provider that allow pages of [`APP`], with a user's tokens.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) project: Project,
    pub(crate) anonymous_token: String,
}

impl Site {
    /// A project with these settings besides, and a provider.
    pub(crate) async fn new(mut settings: Value) -> Self {
        let world = World::shared();
        settings["allowed_origins"] = json!([APP]);
        let project = world.create_project(&settings).await;
        let (entity, origins) = (&project.account, json!([APP]));
        let grants = json!([{ "role": "launchpad_user", "entity_id": entity }]);
        let body = json!({
            "description": unique("provider"), "token_duration": 600, "grants": grants, "allowed_origins": origins,
        });
        let provider =
            world.create(&format!("/admin/v1/entities/{entity}/providers"), &body).await.expect(201);
        let tokens = tokens_path(entity, &provider.text_at("id"));
        let token = world.request_token(&tokens, &world.demo.admin_key).await.expect(200);
        let anonymous_token = token.json.as_str().expect("a token").to_owned();
        Self { world, project, anonymous_token }
    }

    /// A call of one of the [`ROUTES`] with valid credentials and body, without `Origin`.
    pub(crate) fn call(&self, method: &Method, path: &str) -> Call {
        let call = self.world.call(method.clone(), path);
        let for_user = |user: &str| self.project.basic(&self.project.token(user));
        match path {
            "/v2/access" => {
                call.header("Authorization", &for_user("u")).json(&json!({ "user": "u", "device_id": "d" }))
            }
            "/v2/identity" => {
                call.header("Authorization", &for_user(&unique("event"))).json(&json!({ "device_id": "d" }))
            }
            "/v2/access/detach" => {
                call.header("Authorization", &for_user("u")).json(&json!({ "user": "u", "device": "d" }))
            }
            "/v2/access/user/u/attached_devices" => call.header("Authorization", &for_user("u")),
            _ => call.bearer(&self.anonymous_token),
        }
    }
}

/// The names of the headers of CORS in a response.
pub(crate) fn cors_headers(answer: &Answer) -> Vec<&str> {
    answer
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

/// Asserts that a page of `origin` may read the response, without credentials that the browser adds.
#[track_caller]
pub(crate) fn assert_readable_by(origin: &str, answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), origin, "{}", answer.text);
    assert_eq!(answer.header("vary"), "origin");
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "link, ratelimit, ratelimit-policy, retry-after, www-authenticate"
    );
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
}
