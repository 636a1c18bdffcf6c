//! Requests as the functions get them: events of an HTTP API, payload format 2.0.

use lambda_http::Request;
use model::Timestamp;
use serde_json::{Map, Value, json};

use crate::Outcome;

/// Where the event says the API is.
const HOST: &str = "abcdefghij.execute-api.us-east-1.amazonaws.com";

/// What of an event differs from one call to the other.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The path's template in `template.yaml`.
    pub(crate) route: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) parameters: Map<String, Value>,
    /// Its own headers; they take the place of those every request has.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Message {
    /// A POST to a path without parameters.
    pub(crate) fn post(route: &'static str, body: String) -> Self {
        Self { route, method: "POST", path: route.to_owned(), body, ..Self::default() }
    }

    /// The request a handler gets for it.
    pub(crate) fn request(&self, now: Timestamp) -> Outcome<Request> {
        Ok(lambda_http::request::from_str(&self.event(now))?)
    }

    /// The event at `now`, as API Gateway would send it.
    pub(crate) fn event(&self, now: Timestamp) -> String {
        let route = format!("ANY {}", self.route);
        json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "pathParameters": self.parameters,
            "headers": self.all_headers(),
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "abcdefghij",
                "domainName": HOST,
                "domainPrefix": "abcdefghij",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "example-client/1.0",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": route,
                "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000",
                "timeEpoch": now.as_millisecond(),
            },
            "body": self.body,
            "isBase64Encoded": false,
        })
        .to_string()
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
