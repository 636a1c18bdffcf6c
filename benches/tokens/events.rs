//! Requests as the functions get them: events of an HTTP API, payload format 2.0.

use lambda_http::Request;
use model::Timestamp;
use serde_json::{Map, Value, json};
use tokenbooth::Demo;

use crate::Outcome;

/// Where the event says the API is.
const HOST: &str = "abcdefghij.execute-api.us-east-1.amazonaws.com";

/// A window whose tokens are measured.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Window {
    /// A signed request becomes a JWT for an anonymous user.
    F,
    /// An API key is redeemed for an access token.
    K,
}

impl Window {
    /// The name of its function.
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::F => "secure-anonymous-token",
            Self::K => "access-token",
        }
    }

    /// An event at `now`, as API Gateway would send it.
    pub(crate) fn event(self, demo: &Demo, now: Timestamp) -> String {
        match self {
            Self::F => signed(demo, now),
            Self::K => redeeming(demo),
        }
        .event(now)
        .to_string()
    }

    /// The request its handler gets for that event.
    pub(crate) fn request(self, demo: &Demo, now: Timestamp) -> Outcome<Request> {
        Ok(lambda_http::request::from_str(&self.event(demo, now))?)
    }
}

/// What of an event differs from one window to the other.
struct Call {
    route: &'static str,
    path: String,
    parameters: Value,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// A signed request for an anonymous user's token (F9–F12).
fn signed(demo: &Demo, now: Timestamp) -> Call {
    let (account, provider) = (demo.account_id, demo.secure_anonymous.provider_id);
    let (key, timestamp) = (&demo.api_key, now.as_second().to_string());
    let client_id = key.app_client_id.to_string();
    let secret = crypto::Secret::from(key.app_client_secret.clone());
    let signature = crypto::sign_request(&secret, &timestamp, &client_id);
    Call {
        route: "POST /v1/accounts/{entity_id}/secure-anonymous/{provider_id}/tokens",
        path: format!("/v1/accounts/{account}/secure-anonymous/{provider}/tokens"),
        parameters: json!({ "entity_id": account, "provider_id": provider }),
        headers: vec![
            ("x-frame-clientid", client_id),
            ("x-frame-timestamp", timestamp),
            ("x-frame-signature", signature),
        ],
        body: json!({
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada@example.com",
            "metadata": { "plan": "trial", "seats": 3, "referrer": "https://example.com/pricing" },
        })
        .to_string(),
    }
}

/// An API key presented for an access token (K2).
fn redeeming(demo: &Demo) -> Call {
    Call {
        route: "POST /v1/token",
        path: "/v1/token".to_owned(),
        parameters: json!({}),
        headers: Vec::new(),
        body: json!({ "apiKey": demo.api_key.encoded_key }).to_string(),
    }
}

impl Call {
    fn event(&self, now: Timestamp) -> Value {
        json!({
            "version": "2.0",
            "routeKey": self.route,
            "rawPath": self.path,
            "rawQueryString": "",
            "pathParameters": self.parameters,
            "headers": self.all_headers(),
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "abcdefghij",
                "domainName": HOST,
                "domainPrefix": "abcdefghij",
                "http": {
                    "method": "POST",
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "example-client/1.0",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": self.route,
                "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000",
                "timeEpoch": now.as_millisecond(),
            },
            "body": self.body,
            "isBase64Encoded": false,
        })
    }

    /// Its own headers and those every request has.
    fn all_headers(&self) -> Map<String, Value> {
        let length = self.body.len().to_string();
        let common = [
            ("accept", "application/json"),
            ("accept-encoding", "gzip, br"),
            ("content-length", &length),
            ("content-type", "application/json"),
            ("host", HOST),
            ("user-agent", "example-client/1.0"),
            ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        common.into_iter().chain(own).map(|(name, value)| (name.to_owned(), json!(value))).collect()
    }
}
