//! REST APIs: events of type REQUEST, a policy as the answer.

use api::InvocationError;
use serde_json::{Value, json};

use super::{Guarded, UNAUTHORIZED};

const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/orders";

/// The event of a REST API, as the API Gateway Developer Guide has it.
fn rest_event(audience: &str, (method, resource): (&str, &str), arn: &str, token: Option<&str>) -> Value {
    let mut event = json!({
        "type": "REQUEST", "methodArn": arn, "resource": resource, "path": resource, "httpMethod": method,
        "headers": { "Accept": "*/*" }, "multiValueHeaders": { "Accept": ["*/*"] },
        "queryStringParameters": {}, "multiValueQueryStringParameters": {}, "pathParameters": {},
        "stageVariables": { "tokenbooth_audience": audience },
        "requestContext": {
            "path": "/prod/orders", "accountId": "123456789012", "resourceId": "05c7jb", "stage": "prod",
            "requestId": "gateway-request", "identity": { "sourceIp": "203.0.113.7" },
            "resourcePath": resource, "httpMethod": method, "apiId": "abcdef1234",
        },
    });
    if let Some(token) = token {
        event["headers"]["Authorization"] = json!(format!("Bearer {token}"));
        event["multiValueHeaders"]["Authorization"] = json!([format!("Bearer {token}")]);
    }
    event
}

/// The message of the error that the authorizer answers with.
#[track_caller]
fn message(answer: Result<Value, InvocationError>) -> &'static str {
    answer.expect_err("an error").message
}

#[tokio::test]
async fn a3_a_rest_api_gets_a_policy_for_exactly_this_method_and_path() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let event = rest_event(&guarded.api.identifier, ("GET", "/orders"), ARN, Some(&token));
    let answer = guarded.answer(event).await.expect("an answer");
    let statement = json!([{ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN }]);
    assert_eq!(answer["policyDocument"], json!({ "Version": "2012-10-17", "Statement": statement }));
    assert_eq!(answer["principalId"], *guarded.key.id);
    assert_eq!(answer["context"]["scope"], "orders:read");
    assert!(answer["context"].as_object().expect("an object").values().all(Value::is_string));
}

#[tokio::test]
async fn a3_a_rest_api_denies_what_a_valid_token_does_not_allow() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let long = format!("{ARN}/{}", "a".repeat(512));
    for (route, arn, expected) in [
        (("DELETE", "/orders/{id}"), ARN, ("insufficient_scope", ARN)),
        (("GET", "/other"), ARN, ("unknown_route", ARN)),
        (("GET", "/orders"), "arn:aws:execute-api:r:1:a/prod/GET/*", ("unusual_path", "*")),
        (("GET", "/orders"), "arn:aws:execute-api:r:1:a/prod/GET/?", ("unusual_path", "*")),
        (("GET", "/orders"), "arn:aws:execute-api:r:1:a/prod/GET/${*}", ("unusual_path", "*")),
        (("GET", "/orders"), &*long, ("unusual_path", "*")),
    ] {
        let event = rest_event(&guarded.api.identifier, route, arn, Some(&token));
        let answer = guarded.answer(event).await.expect("an answer");
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(
            (&answer["context"], &statement["Effect"]),
            (&json!({ "error": expected.0 }), &json!("Deny"))
        );
        assert_eq!(statement["Resource"], expected.1, "{arn}");
    }
}

#[tokio::test]
async fn a3_a_rest_api_answers_401_without_a_valid_token() {
    let guarded = Guarded::new(0).await;
    let token = guarded.token("orders:read").await;
    let booth_token = guarded.world().client_token(&guarded.world().demo.api_key, "entity:r").await;
    let event = |token: Option<&str>| rest_event(&guarded.api.identifier, ("GET", "/orders"), ARN, token);
    for (case, token) in [
        ("no token", None),
        ("no JWT", Some("x")),
        ("a changed token", Some(&*format!("{token}A"))),
        ("a token of the booth itself", Some(&booth_token)),
    ] {
        assert_eq!(message(guarded.answer(event(token)).await), UNAUTHORIZED, "{case}");
    }
    let mut twice = event(Some(&token));
    twice["multiValueHeaders"]["authorization"] = json!([format!("Bearer {token}")]);
    assert_eq!(message(guarded.answer(twice).await), UNAUTHORIZED);
    let mut several = event(None);
    several["multiValueHeaders"]["Authorization"] = json!(["Bearer x", format!("Bearer {token}")]);
    several["headers"]["Authorization"] = json!(format!("Bearer {token}"));
    assert_eq!(message(guarded.answer(several).await), UNAUTHORIZED);
    let mut basic = event(None);
    basic["multiValueHeaders"]["Authorization"] = json!(["Basic eDp5"]);
    assert_eq!(message(guarded.answer(basic).await), UNAUTHORIZED);
    let mut headers_only = event(Some(&token));
    headers_only["multiValueHeaders"] = Value::Null;
    assert!(guarded.answer(headers_only).await.is_ok());
}
