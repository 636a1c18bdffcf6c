//! Error responses, and their causes for the log (A5, RFC 9457).

mod code;
mod conversions;

use std::borrow::Cow;
use std::error::Error;

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use model::Timestamp;
use serde::Serialize;

pub use code::Code;

/// An error response, and its cause for the log.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    field: Option<String>,
    server_time: Option<i64>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The maximum length of a field's name in a response, in characters.
const MAX_FIELD_LENGTH: usize = 100;

impl Problem {
    /// A problem with `detail` for the caller: lower case, no full stop, nothing that the caller did not send.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), field: None, server_time: None, headers: Vec::new(), cause: None }
    }

    /// A malformed request: the field, and what is wrong with it. The field may be a name that the caller sent, of any
    /// length.
    #[must_use]
    pub fn invalid(field: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        let shortened = field.into().chars().take(MAX_FIELD_LENGTH).collect();
        Self { field: Some(shortened), ..Self::new(Code::InvalidRequest, detail) }
    }

    /// The response to every caller that is not authenticated. Only the log shows the reason (F16).
    #[must_use]
    pub fn unauthenticated(reason: impl Into<Box<dyn Error + Send + Sync>>, now: Timestamp) -> Self {
        let detail = "the credentials are missing, malformed, stale, unknown or wrong";
        let problem = Self::new(Code::InvalidCredentials, detail).caused_by(reason);
        Self { server_time: Some(now.as_second()), ..problem }
    }

    /// A server error. Only the log shows the cause.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Code::InternalError, "this is our fault, not yours").caused_by(cause)
    }

    /// The resource does not exist for this caller.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing here for this caller")
    }

    /// The route has only the methods in `allow`.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self::new(Code::MethodNotAllowed, format!("use {allow}"))
            .with_header(header::ALLOW, HeaderValue::from_static(allow))
    }

    /// Sets the field that the problem concerns.
    #[must_use]
    pub fn about(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Replaces the sentence for the caller.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// Adds a header to its response.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The field that the problem concerns.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The cause and its sources, for the log.
    #[must_use]
    pub(crate) fn causes(&self) -> String {
        self.cause.as_deref().map(|cause| causes(cause)).unwrap_or_default()
    }

    /// The response with its own status.
    #[must_use]
    pub fn response(&self, media_type: &'static str, body: &impl Serialize) -> Response<Body> {
        self.response_with_status(self.code.status(), media_type, body)
    }

    /// The response with another status, for a wire format that demands it. Adds the problem's headers.
    #[must_use]
    pub fn response_with_status(
        &self,
        status: StatusCode,
        media_type: &'static str,
        body: &impl Serialize,
    ) -> Response<Body> {
        let text = serde_json::to_string(body).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }

    /// The response as `application/problem+json` (RFC 9457).
    #[must_use]
    pub fn rfc9457(&self) -> Response<Body> {
        let body = Rfc9457 {
            r#type: format!("urn:tokenbooth:problem:{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code.name(),
            field: self.field().filter(|field| !field.is_empty()),
            server_time: self.server_time,
        };
        self.response("application/problem+json", &body)
    }
}

/// The message of an error and of its sources, each message once.
#[must_use]
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        source = error.source();
    }
    text
}

/// The members of RFC 9457, 3.1, and our own.
#[derive(Serialize)]
struct Rfc9457<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_time: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a5_a_problem_is_rfc_9457_and_keeps_its_cause_to_itself() {
        let problem = Problem::unauthenticated("unknown client id", Timestamp::UNIX_EPOCH).about("x");
        assert_eq!(problem.causes(), "unknown client id");
        let response = problem.rfc9457();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let Body::Text(body) = response.body() else { panic!("text") };
        assert!(!body.contains("unknown client id"));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["status"], 401);
        assert_eq!(body["code"], "invalid_credentials");
        assert_eq!(body["field"], "x");
        assert_eq!(body["server_time"], 0);
    }
}
