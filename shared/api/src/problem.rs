//! Errors with two faces: what the caller hears, and what only the log hears (A5, RFC 9457).

use std::borrow::Cow;
use std::error::Error;

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use model::{PermissionDenied, RotationRefused, Timestamp};
use serde::Serialize;
use store::{ListError, Refusal, StoreError, WriteError};

/// What went wrong, in words a program can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed.
    InvalidRequest,
    /// The caller did not prove who it is.
    InvalidCredentials,
    /// The caller may not do this here.
    InsufficientScope,
    /// The entity, something above it, or a switch is off.
    EntityDisabled,
    /// Security or user tokens that do not verify (X7).
    TokensRefused,
    /// There is no such thing, or not for this caller.
    NotFound,
    /// The route has other methods.
    MethodNotAllowed,
    /// A sibling has the name.
    NameTaken,
    /// Something depends on it.
    InUse,
    /// An entity cannot be moved there.
    Cycle,
    /// There are as many as there may be.
    LimitExceeded,
    /// The state of the thing does not allow it, or someone else changed it at the same time.
    Conflict,
    /// It is not at the version the caller saw.
    PreconditionFailed,
    /// The body is longer than 64 KiB.
    PayloadTooLarge,
    /// The body is of another media type.
    UnsupportedMediaType,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The scope asked for is unknown, or more than the client may have (RFC 6749, 5.2).
    InvalidScope,
    /// Tokens are not granted that way (RFC 6749, 5.2).
    UnsupportedGrantType,
    /// A rate limit is used up.
    QuotaExceeded,
    /// A fault of ours.
    InternalError,
    /// Try again.
    TemporarilyUnavailable,
}

impl Code {
    /// Its name in answers and log lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidCredentials => "invalid_credentials",
            Self::InsufficientScope => "insufficient_scope",
            Self::EntityDisabled => "entity_disabled",
            Self::TokensRefused => "tokens_refused",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NameTaken => "name_taken",
            Self::InUse => "in_use",
            Self::Cycle => "cycle",
            Self::LimitExceeded => "limit_exceeded",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition_failed",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::QuotaExceeded => "quota_exceeded",
            Self::InternalError => "internal_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::InvalidScope | Self::UnsupportedGrantType => StatusCode::BAD_REQUEST,
            Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope | Self::EntityDisabled | Self::TokensRefused => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NameTaken | Self::InUse | Self::Cycle | Self::LimitExceeded | Self::Conflict => {
                StatusCode::CONFLICT
            }
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "Invalid request",
            Self::InvalidCredentials => "Invalid credentials",
            Self::InsufficientScope => "Insufficient scope",
            Self::EntityDisabled => "Entity disabled",
            Self::TokensRefused => "Tokens refused",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::NameTaken => "Name taken",
            Self::InUse => "In use",
            Self::Cycle => "Entities do not move",
            Self::LimitExceeded => "Limit exceeded",
            Self::Conflict => "Conflict",
            Self::PreconditionFailed => "Precondition failed",
            Self::PayloadTooLarge => "Payload too large",
            Self::UnsupportedMediaType => "Unsupported media type",
            Self::IdempotencyKeyReused => "Idempotency key reused",
            Self::InvalidScope => "Invalid scope",
            Self::UnsupportedGrantType => "Unsupported grant type",
            Self::QuotaExceeded => "Quota exceeded",
            Self::InternalError => "Internal error",
            Self::TemporarilyUnavailable => "Temporarily unavailable",
        }
    }
}

/// A refusal or a fault.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    field: Option<String>,
    server_time: Option<i64>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The most characters of a field's name that are told.
const LONGEST_FIELD: usize = 100;

impl Problem {
    /// A problem the caller hears as `detail`: lower case, no full stop, nothing the caller did not send.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { code, detail, field: None, server_time: None, headers: Vec::new(), cause: None }
    }

    /// A malformed request: which field, and what is wrong with it. A field may be a name the caller sent, of any length.
    #[must_use]
    pub fn invalid(field: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        let field = field.into().chars().take(LONGEST_FIELD).collect();
        Self { field: Some(field), ..Self::new(Code::InvalidRequest, detail) }
    }

    /// The one answer to everyone who did not prove who they are; the real reason is for the log (F16).
    #[must_use]
    pub fn unauthenticated(reason: impl Into<Box<dyn Error + Send + Sync>>, now: Timestamp) -> Self {
        let detail = "the credentials are missing, malformed, stale, unknown or wrong";
        let problem = Self::new(Code::InvalidCredentials, detail).caused_by(reason);
        Self { server_time: Some(now.as_second()), ..problem }
    }

    /// There is no such thing for this caller.
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

    /// The same with the field it is about.
    #[must_use]
    pub fn about(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// The same with what the log needs to know.
    #[must_use]
    pub fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// The same with one more header in its answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The sentence the caller hears.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What only the log hears: the cause and its causes.
    #[must_use]
    pub(crate) fn causes(&self) -> String {
        self.cause.as_deref().map(|cause| causes(cause)).unwrap_or_default()
    }

    /// The answer with `body` of that media type: the status and headers every shape of error shares.
    #[must_use]
    pub fn response(&self, media_type: &'static str, body: &impl Serialize) -> Response<Body> {
        let text = serde_json::to_string(body).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }

    /// The answer as `application/problem+json` (RFC 9457).
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

/// What an error says, and the errors behind it, each once.
#[must_use]
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        behind = error.source();
    }
    text
}

/// The members of a problem (RFC 9457, 3.1), and ours.
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

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => {
                Self::new(Code::TemporarilyUnavailable, "the store did not answer, try again")
                    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
            StoreError::Refused { .. } | StoreError::Damaged { .. } | StoreError::NotInitialised { .. } => {
                Self::new(Code::InternalError, "this is our fault, not yours")
            }
        }
        .caused_by(error)
    }
}

impl From<crypto::CryptoError> for Problem {
    fn from(error: crypto::CryptoError) -> Self {
        Self::new(Code::InternalError, "this is our fault, not yours").caused_by(error)
    }
}

impl From<PermissionDenied> for Problem {
    fn from(refused: PermissionDenied) -> Self {
        match refused {
            PermissionDenied::OtherCustomer => Self::not_found(),
            PermissionDenied::InsufficientGrants => {
                Self::new(Code::InsufficientScope, "the caller's grants do not allow this here")
            }
        }
        .caused_by(refused)
    }
}

impl From<RotationRefused> for Problem {
    fn from(refused: RotationRefused) -> Self {
        Self::new(Code::LimitExceeded, refused.to_string()).about("valid_until")
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor(_) => Self::invalid("cursor", "must be a next_cursor of this list"),
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.into(),
            WriteError::Refused(refusal) => match refusal {
                Refusal::NameTaken => {
                    Self::new(Code::NameTaken, "a sibling has this name already").about("name")
                }
                Refusal::InUse => Self::new(Code::InUse, "something still depends on it, delete that first"),
                Refusal::LimitReached => {
                    Self::new(Code::LimitExceeded, "there are as many as there may be, delete one first")
                }
                Refusal::Stale | Refusal::Gone | Refusal::Replayed => {
                    Self::new(Code::Conflict, "it was changed at the same time, read it again and retry")
                }
            },
        }
    }
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
