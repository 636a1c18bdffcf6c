//! The requests that functions get: events of an HTTP API, payload format 2.0.

use lambda_http::Request;
use model::Timestamp;
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::Outcome;

/// The host name of the API in the events.
const HOST: &str = "abcdefghij.execute-api.us-east-1.amazonaws.com";

/// The parts of an event that differ between calls.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The path's template in `template.yaml`.
    route: &'static str,
    method: &'static str,
    path: String,
    query: String,
    parameters: Map<String, Value>,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Message {
    /// A message to the path of that template.
    pub(crate) fn new(method: &'static str, route: &'static str, body: String) -> Self {
        Self { route, method, path: route.to_owned(), body, ..Self::default() }
    }

    pub(crate) fn post(route: &'static str, body: String) -> Self {
        Self::new("POST", route, body)
    }

    pub(crate) fn get(route: &'static str) -> Self {
        Self::new("GET", route, String::new())
    }

    /// Sets parameters of the path.
    pub(crate) fn with_parameters<const N: usize>(mut self, parameters: [(&str, String); N]) -> Self {
        for (name, value) in parameters {
            self.path = self.path.replace(&format!("{{{name}}}"), &value);
            self.parameters.insert(name.to_owned(), json!(value));
        }
        self
    }

    /// Sets the query.
    pub(crate) fn with_query(self, query: String) -> Self {
        Self { query, ..self }
    }

    /// Adds headers. They replace common headers of the same name.
    pub(crate) fn with_headers<const N: usize>(mut self, headers: [(&'static str, String); N]) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same request over HTTP, to the server at `url`. The client adds common headers.
    pub(crate) fn over_http(&self, client: &Client, url: &str) -> Outcome<RequestBuilder> {
        let request = client.request(self.method.parse()?, format!("{url}{}?{}", self.path, self.query));
        let json = request.header("content-type", "application/json");
        let with_headers =
            self.headers.iter().fold(json, |request, (name, value)| request.header(*name, value));
        Ok(with_headers.body(self.body.clone()))
    }

    /// The request that a handler gets.
    pub(crate) fn request(&self, now: Timestamp) -> Outcome<Request> {
        Ok(lambda_http::request::from_str(&self.event(now))?)
    }

    /// The event at `now`, as API Gateway sends it.
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

    /// The common headers and its own.
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
