//! HTTP APIs: payload format 2.0, simple response.

use serde_json::{Value, json};

use super::{Guarded, http_event};
use crate::support::api::OwnApi;
use crate::support::jwt::claims;

#[tokio::test]
async fn a3_a_token_of_the_api_is_admitted_with_its_identity() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let context = guarded.decide(guarded.event(&token)).await.expect("admitted");
    let expected = json!({
        "sub": guarded.key.id, "kind": "api", "client_id": guarded.key.id, "entity_id": guarded.account,
        "scope": "orders:read",
    });
    assert_eq!(context, expected);
}

#[tokio::test]
async fn a3_a_token_needs_the_scopes_of_the_matched_route() {
    let guarded = Guarded::new(0).await;
    let (read, write) = (guarded.token("orders:read").await, guarded.token("orders:write").await);
    let refused = |reason: &str| Err(reason.to_owned());
    let insufficient = || refused("insufficient_scope");
    let unknown = || refused("unknown_route");
    for (route_key, with_read, with_write) in [
        ("GET /orders", Ok(()), insufficient()),
        ("ANY /orders", unknown(), unknown()),
        ("ANY /orders/{id}", insufficient(), Ok(())),
        ("GET /orders/{id}", insufficient(), Ok(())),
        ("DELETE /orders/{id}", insufficient(), Ok(())),
        ("GET /orders/{number}", insufficient(), Ok(())),
        ("GET /health", Ok(()), Ok(())),
        ("POST /orders", unknown(), unknown()),
        ("GET /orders/", unknown(), unknown()),
        ("GET /orders/{id}/items", unknown(), unknown()),
        ("GET /{proxy+}", unknown(), unknown()),
        ("$default", unknown(), unknown()),
        ("GET /%", unknown(), unknown()),
        ("", unknown(), unknown()),
    ] {
        for (token, expected) in [(&read, with_read), (&write, with_write)] {
            let found =
                guarded.decide(http_event(&guarded.api.identifier, route_key, Some(token))).await.map(drop);
            assert_eq!(found, expected, "{route_key:?}");
        }
    }
}

/// API Gateway keeps an answer for the token and the route key, so an answer for one method counts for the others.
#[tokio::test]
async fn a3_a_decision_depends_on_the_route_key_and_not_on_the_method_of_the_request() {
    let routes = json!({ "ANY /orders": ["orders:write"], "GET /orders": ["orders:read"] });
    let guarded = Guarded::with(0, json!({ "routes": routes })).await;
    let (read, write) = (guarded.token("orders:read").await, guarded.token("orders:write").await);
    for (route_key, with_read, with_write) in
        [("GET /orders", true, false), ("ANY /orders", false, true), ("PUT /orders", false, true)]
    {
        for method in ["GET", "PUT", "DELETE", "HEAD"] {
            let decide = async |token| {
                let mut event = http_event(&guarded.api.identifier, route_key, Some(token));
                event["requestContext"]["http"]["method"] = json!(method);
                guarded.decide(event).await.is_ok()
            };
            let found = (decide(&read).await, decide(&write).await);
            assert_eq!(found, (with_read, with_write), "{method} at {route_key}");
        }
    }
}

#[tokio::test]
async fn a3_default_scopes_are_for_every_other_route() {
    let guarded = Guarded::with(0, json!({ "default_scopes": ["orders:write"] })).await;
    let (read, write) = (guarded.token("orders:read").await, guarded.token("orders:write").await);
    for route_key in ["POST /orders", "$default", "GET /{proxy+}"] {
        let decide =
            async |token| guarded.decide(http_event(&guarded.api.identifier, route_key, Some(token))).await;
        assert_eq!(decide(&read).await.unwrap_err(), "insufficient_scope", "{route_key}");
        assert!(decide(&write).await.is_ok(), "{route_key}");
    }
    assert!(guarded.admits(&read).await.is_ok(), "a named route has its own scopes");
}

#[tokio::test]
async fn a3_chosen_claims_are_passed_on_as_texts() {
    let chosen = ["integration_id", "entity_path", "exp", "scope", "sub", "missing"];
    let guarded = Guarded::with(0, json!({ "context_claims": chosen })).await;
    let token = guarded.token("orders:read").await;
    let context = guarded.decide(guarded.event(&token)).await.expect("admitted");
    let claims = claims(&token);
    assert_eq!(context["integration_id"], claims["integration_id"]);
    assert_eq!(context["entity_path"], claims["entity_path"].to_string());
    assert_eq!(context["exp"], claims["exp"].to_string());
    assert_eq!((&context["scope"], &context["sub"]), (&json!("orders:read"), &json!(guarded.key.id)));
    assert_eq!(context["missing"], Value::Null);
    assert!(context.as_object().expect("an object").values().all(Value::is_string));
}

#[tokio::test]
async fn a7_a_token_of_another_api_is_refused_also_one_of_the_same_customer() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let other = OwnApi::new(world, &guarded.account, json!({ "default_scopes": [] })).await;
    let (_, key) = other.grant(world, &guarded.account, "orders:read").await;
    let token = other.token(world, &key).await;
    assert_eq!(guarded.admits(&token).await.unwrap_err(), "token_not_accepted");
    assert!(guarded.decide(http_event(&other.identifier, "GET /orders", Some(&token))).await.is_ok());
}

#[tokio::test]
async fn a7_an_api_created_anew_under_the_same_identifier_refuses_older_tokens() {
    let guarded = Guarded::new(0).await;
    let world = guarded.world();
    let token = guarded.token("orders:read").await;
    world.delete(&guarded.api.path).await.expect(204);
    assert!(guarded.admits(&token).await.is_err());
    OwnApi::new(world, &guarded.account, json!({ "identifier": guarded.api.identifier })).await;
    assert!(guarded.admits(&token).await.is_err());
}
