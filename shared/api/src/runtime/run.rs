//! Runs a function in Lambda.

use std::convert::Infallible;
use std::pin::Pin;
use std::process::ExitCode;

use lambda_http::http::header;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Adapter, Body, IntoResponse, Request, Response, service_fn};

use crate::endpoint::{Endpoint, answer};
use crate::runtime::start::{BootError, Start, exit_code};

/// Starts the function and answers requests until Lambda ends it.
pub async fn run<E: Endpoint>() -> ExitCode {
    exit_code(E::NAME, serve::<E>().await)
}

async fn serve<E: Endpoint>() -> Result<(), BootError> {
    let start = Start::from_env().await?;
    let endpoint = E::boot(&start).await?;
    let (endpoint, edge) = (&endpoint, &start.edge);
    let handler = service_fn(move |request: Request| async move {
        Ok::<_, Infallible>(TextResponse(answer(endpoint, edge, request).await))
    });
    lambda_runtime::run(ServiceBuilder::new().map_request(sanitized).service(Adapter::from(handler))).await
}

/// A response whose body is already in memory and UTF-8. For other responses `lambda_http` links tables of character sets.
struct TextResponse(Response<Body>);

impl IntoResponse for TextResponse {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        // An event has a text as its body, so an empty body is an empty text.
        let response = self.0.map(|body| match body {
            Body::Empty => Body::from(""),
            body => body,
        });
        Box::pin(std::future::ready(response))
    }
}

fn sanitized(event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    LambdaEvent { payload: sanitize_event(event.payload), context: event.context }
}

/// Removes the parts of an event that would make `lambda_http` panic, or would let a header set the path. `lambda_http`
/// builds the request's URI from `Host` and `X-Forwarded-Proto` without checking them, and from a query that it expects to
/// be valid. None of our code reads these two headers.
#[must_use]
pub fn sanitize_event(mut event: LambdaRequest) -> LambdaRequest {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event {
        request.headers.remove(header::HOST);
        request.headers.remove("x-forwarded-proto");
        request.request_context.domain_name = None;
        request.raw_query_string = request.raw_query_string.take().map(|query| escape(&query));
    }
    event
}

/// Escapes the characters that a query must not contain (RFC 3986, 3.4).
fn escape(query: &str) -> String {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    query.bytes().fold(String::with_capacity(query.len()), |mut text, byte| {
        match is_allowed(byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(name: &str, value: &str, query: &str) -> Request {
        let event = serde_json::json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/admin/v1/\u{20ac} <entities>", "rawQueryString": query,
            "headers": { name: value },
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "a b", "domainPrefix": "a", "requestId": "r",
                "routeKey": "$default", "stage": "$default", "time": "now", "timeEpoch": 0,
                "http": { "method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "::1", "userAgent": "t" },
            },
            "isBase64Encoded": false,
        });
        sanitize_event(serde_json::from_value(event).unwrap()).into()
    }

    proptest! {
        #[test]
        fn any_header_and_query_make_a_request(
            name in "host|x-forwarded-proto|x-forwarded-port",
            value in "[ -~]{0,20}|http://h/v1/token\\?x=1#",
            query in "\\PC{0,40}",
        ) {
            let request = request(&name, &value, &query);
            prop_assert!(request.uri().path().starts_with("/admin/v1/"));
            prop_assert!(!request.uri().query().unwrap_or_default().contains("x=1#"));
        }
    }

    #[test]
    fn no_header_and_no_query_makes_the_request_panic_or_sets_its_path() {
        for (name, value) in [
            ("x-forwarded-proto", "a b"),
            ("x-forwarded-proto", "http://h/v1/token?x=1#"),
            ("host", "a:b"),
            ("host", "[zz]"),
        ] {
            for query in ["limit=1", "a=<\">", "a b\u{7}", "\u{20ac}", "%zz"] {
                let request = request(name, value, query);
                assert!(request.uri().path().starts_with("/admin/v1/"), "{value}");
                assert!(request.uri().query().is_some_and(|it| !it.contains("x=1")), "{value} {query}");
            }
        }
    }
}
