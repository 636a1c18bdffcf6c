//! The Lambda authorizer, invoked with the events of API Gateway (A3).

mod accepted_tokens;
mod events;
mod http_api;
mod rest_api;
mod state;

use api::{InvocationError, OnFailure, Responder as _, respond_once};
use authorizer::App;
use serde_json::{Value, json};

use super::clock::TestClock;
use super::embedded::{ProxiedBooth, booth_with_clock};
use crate::support::api::OwnApi;
use crate::support::tenant::Key;
use crate::support::world::World;

/// A guarded API: an own API, a key with all its scopes, and the authorizer.
struct Guarded {
    booth: ProxiedBooth,
    clock: TestClock,
    app: App,
    /// The entity of the API.
    account: String,
    api: OwnApi,
    /// The path of the key's integration.
    integration: String,
    key: Key,
}

/// The error of an invocation that a REST API answers with 401.
const UNAUTHORIZED: &str = "Unauthorized";

impl Guarded {
    /// An API with the scopes `orders:read` and `orders:write`, and a route for each.
    async fn new(cache_seconds: i64) -> Self {
        Self::with(cache_seconds, json!({})).await
    }

    /// The same API with other settings.
    async fn with(cache_seconds: i64, settings: Value) -> Self {
        let clock = TestClock::new();
        let booth = booth_with_clock(cache_seconds, OnFailure::Open, clock.for_function()).await;
        let app = App::boot(&booth.start).await.expect("booted");
        let account = booth.world.create_account().await;
        let mut fields = json!({
            "routes": { "GET /orders": ["orders:read"], "ANY /orders/{id}": ["orders:write"], "GET /health": [] },
        });
        fields.as_object_mut().expect("an object").extend(settings.as_object().cloned().expect("settings"));
        let api = OwnApi::new(&booth.world, &account, fields).await;
        let (integration, key) = api.grant(&booth.world, &account, "orders:read orders:write").await;
        booth.proxy.take_calls();
        Self { booth, clock, app, account, api, integration, key }
    }

    fn world(&self) -> &World {
        &self.booth.world
    }

    /// A token for the API with this scope.
    async fn token(&self, scope: &str) -> String {
        let issued = self.api.request(self.world(), &self.key, &[("scope", scope)]).await;
        issued.expect(200).text_at("access_token")
    }

    /// The event of an HTTP API for `GET /orders` with this token.
    fn event(&self, token: &str) -> Value {
        http_event(&self.api.identifier, "GET /orders", Some(token))
    }

    /// What the authorizer answers to an event.
    async fn answer(&self, event: Value) -> Result<Value, InvocationError> {
        let answer = respond_once(&self.app, event, Some("lambda-request")).await?;
        Ok(serde_json::to_value(answer).expect("JSON"))
    }

    /// The context of an HTTP API's answer that admits the call, or the reason in one that refuses it.
    async fn decide(&self, event: Value) -> Result<Value, String> {
        let answer = self.answer(event).await.expect("an answer");
        let context = answer["context"].clone();
        match answer["isAuthorized"].as_bool().expect("an answer for an HTTP API") {
            true => Ok(context),
            false => {
                assert_eq!(
                    context.as_object().expect("an object").len(),
                    1,
                    "a refusal names only its reason"
                );
                Err(context["error"].as_str().expect("a reason").to_owned())
            }
        }
    }

    /// Whether a call of `GET /orders` with this token is admitted, or why it is refused.
    async fn admits(&self, token: &str) -> Result<(), String> {
        self.decide(self.event(token)).await.map(drop)
    }
}

/// The event of an HTTP API (payload format 2.0), as the API Gateway Developer Guide has it.
fn http_event(audience: &str, route_key: &str, token: Option<&str>) -> Value {
    let (method, path) = route_key.split_once(' ').unwrap_or(("GET", "/anything"));
    let method = if method == "ANY" { "GET" } else { method };
    let path = path.replace("{id}", "7");
    let mut event = json!({
        "version": "2.0", "type": "REQUEST",
        "routeArn": format!("arn:aws:execute-api:us-east-1:123456789012:abcdef1234/$default/{method}{path}"),
        "identitySource": ["x", route_key], "routeKey": route_key, "rawPath": path, "rawQueryString": "",
        "headers": { "accept": "*/*", "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" },
        "stageVariables": { "tokenbooth_audience": audience },
        "requestContext": {
            "accountId": "123456789012", "apiId": "abcdef1234",
            "domainName": "abcdef1234.execute-api.us-east-1.amazonaws.com", "domainPrefix": "abcdef1234",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "t" },
            "requestId": "gateway-request", "routeKey": route_key, "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_000_i64,
        },
    });
    if let Some(token) = token {
        event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    }
    event
}
