//! Turns an HTTP request into the event that API Gateway sends (HTTP API, payload format 2.0).

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64;
use lambda_http::Request;
use lambda_http::request::LambdaRequest;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// What the gateway adds to an HTTP request.
#[derive(Debug)]
pub(crate) struct RouteMatch<'a> {
    pub(crate) route_key: &'a str,
    pub(crate) parameters: Vec<(&'a str, &'a str)>,
    pub(crate) source_ip: IpAddr,
    pub(crate) millis: i64,
}

/// Converts an HTTP request into an event, and the event into the request that a function gets from `lambda_http`.
pub(crate) fn from_http(
    parts: &Parts,
    body: &[u8],
    route: &RouteMatch<'_>,
) -> Result<Request, serde_json::Error> {
    let event: LambdaRequest = serde_json::from_value(event(parts, body, route))?;
    Ok(api::sanitize_event(event).into())
}

fn event(parts: &Parts, body: &[u8], route: &RouteMatch<'_>) -> Value {
    let mut headers = joined_headers(&parts.headers);
    append_source(&mut headers, route.source_ip);
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let (body, encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64.encode(body), true),
    };
    json!({
        "version": "2.0",
        "routeKey": route.route_key,
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": {},
        "pathParameters": parameters(route),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": headers.get("host"),
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": route.source_ip.to_string(),
                "userAgent": headers.get("user-agent"),
            },
            "requestId": uuid::Uuid::new_v4().to_string(),
            "routeKey": route.route_key,
            "stage": "$default",
            "timeEpoch": route.millis,
        },
        "headers": headers,
        "body": body,
        "isBase64Encoded": encoded,
    })
}

/// The headers with names in lower case. Like API Gateway, joins the values of a repeated header with commas.
fn joined_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| **name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|earlier| {
                earlier.push(',');
                earlier.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    joined
}

/// Appends the address of the connection to `X-Forwarded-For`, as API Gateway does.
fn append_source(headers: &mut BTreeMap<String, String>, source_ip: IpAddr) {
    headers
        .entry("x-forwarded-for".to_owned())
        .and_modify(|earlier| *earlier = format!("{earlier}, {source_ip}"))
        .or_insert_with(|| source_ip.to_string());
}

fn parameters(route: &RouteMatch<'_>) -> Map<String, Value> {
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    route.parameters.iter().map(|(name, text)| ((*name).to_owned(), json!(decoded(text)))).collect()
}
