//! Events of another format, and events that lack something.

use serde_json::{Value, json};

use super::{Guarded, http_event};

/// A change of an event.
type Change = fn(&mut Value);

#[tokio::test]
async fn a3_an_event_of_another_format_is_refused() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let with = |change: Change| {
        let mut event = guarded.event(&token);
        change(&mut event);
        event
    };
    for (event, reason) in [
        (with(|event| event["version"] = json!("1.0")), "unsupported_event"),
        (with(|event| event["version"] = json!("3.0")), "unsupported_event"),
        (with(|event| event["version"] = json!(2.0)), "unsupported_event"),
        (with(|event| event["version"] = Value::Null), "unsupported_event"),
        (with(|event| event["type"] = json!("TOKEN")), "unsupported_event"),
        (with(|event| event["type"] = Value::Null), "unsupported_event"),
        (with(|event| event["headers"] = json!("x")), "unsupported_event"),
        (with(|event| event["headers"]["authorization"] = json!(["x"])), "unsupported_event"),
        (with(|event| event["requestContext"] = json!([])), "unknown_route"),
        (with(|event| event["requestContext"] = Value::Null), "unknown_route"),
        (with(|event| event["requestContext"]["routeKey"] = Value::Null), "unknown_route"),
        (with(|event| event["requestContext"]["routeKey"] = json!(7)), "unsupported_event"),
        (with(|event| event["stageVariables"] = Value::Null), "no_audience"),
        (with(|event| event["stageVariables"] = json!({})), "no_audience"),
        (with(|event| event["stageVariables"] = json!({ "audience": "x" })), "no_audience"),
        (with(|event| event["stageVariables"]["tokenbooth_audience"] = json!("")), "no_audience"),
        (with(|event| event["stageVariables"]["tokenbooth_audience"] = json!("x")), "unknown_api"),
        (
            with(|event| event["stageVariables"]["tokenbooth_audience"] = json!("https://unknown.example")),
            "unknown_api",
        ),
        (with(|event| event["headers"] = Value::Null), "missing_token"),
        (with(|event| event["headers"]["authorization"] = json!("")), "missing_token"),
        (with(|event| event["headers"]["authorization"] = json!("Bearer")), "missing_token"),
        (with(|event| event["headers"]["authorization"] = json!("Bearer ")), "invalid_token"),
        (
            with(|event| event["headers"]["authorization"] = json!("Bearer a.b.c,Bearer d.e.f")),
            "invalid_token",
        ),
        (Value::Null, "unsupported_event"),
        (json!([]), "unsupported_event"),
        (json!("x"), "unsupported_event"),
        (json!(7), "unsupported_event"),
        (json!({}), "unsupported_event"),
    ] {
        assert_eq!(guarded.decide(event.clone()).await.unwrap_err(), reason, "{event}");
    }
    let repeated = with(|event| event["headers"]["Authorization"] = json!("Bearer x"));
    assert_eq!(guarded.decide(repeated).await.unwrap_err(), "missing_token");
    assert!(guarded.admits(&token).await.is_ok(), "the event that all others are made of is admitted");
}

#[tokio::test]
async fn a3_an_event_that_expects_a_policy_gets_one_that_denies() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/orders";
    let bearer = format!("Bearer {token}");
    let stage = json!({ "tokenbooth_audience": guarded.api.identifier });
    for (event, reason) in [
        (json!({ "type": "TOKEN", "methodArn": arn, "authorizationToken": bearer }), "unsupported_event"),
        (
            json!({ "version": "1.0", "type": "REQUEST", "methodArn": arn, "stageVariables": stage,
                    "headers": { "Authorization": bearer }, "resource": "/orders", "httpMethod": "GET" }),
            "unsupported_event",
        ),
        (
            json!({ "type": "REQUEST", "methodArn": arn, "headers": { "Authorization": bearer } }),
            "no_audience",
        ),
        // The event of a WebSocket API has no resource.
        (
            json!({ "type": "REQUEST", "methodArn": arn, "stageVariables": stage,
                    "headers": { "Authorization": bearer }, "requestContext": { "routeKey": "$connect" } }),
            "unknown_route",
        ),
    ] {
        let answer = guarded.answer(event.clone()).await.expect("an answer");
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny", "{event}");
        assert_eq!(answer["policyDocument"]["Statement"][0]["Resource"], arn, "{event}");
        assert_eq!(answer["context"], json!({ "error": reason }), "{event}");
    }
}

#[tokio::test]
async fn a3_a_call_without_a_token_that_could_be_valid_reads_nothing() {
    let guarded = Guarded::new(0).await;
    let identifier = &guarded.api.identifier;
    guarded.booth.proxy.take_calls();
    for event in [
        http_event(identifier, "GET /orders", None),
        http_event(identifier, "GET /orders", Some("x")),
        http_event(identifier, "GET /orders", Some("e30.e30.x")),
        http_event("", "GET /orders", Some("x")),
        json!({}),
    ] {
        assert!(guarded.decide(event).await.is_err());
    }
    assert!(guarded.booth.proxy.take_calls().is_empty());
}
