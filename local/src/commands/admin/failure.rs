//! Why a call failed, and what to do next. No text contains the key or the token.

use std::fmt;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use serde::Deserialize;

/// The longest text of an answer that is shown, in characters.
const MAX_SHOWN: usize = 500;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No answer came.
    #[error("cannot reach the booth: {cause}; check that it runs, or name another one with --url{}", repeat(.idempotency_key))]
    Unreachable {
        /// The reason.
        cause: String,
        /// The key under which the call can be sent again.
        idempotency_key: Option<String>,
    },
    /// The booth refused to redeem the key.
    #[error("cannot sign in: {0}; check that the key file is of this booth, and that the key is active")]
    SignIn(Refusal),
    /// The Admin API refused the call.
    #[error("{0}")]
    Refused(Refusal),
    /// The answer is not one of a booth.
    #[error("the answer is not one of a booth; check --url")]
    NotABooth,
    /// A page of a list does not have the form of a page.
    #[error("the answer is not a list; use --all with a list")]
    NotAList,
}

/// A response with an error status.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    problem: Problem,
    retry_after: Option<Duration>,
}

/// The members of an error response: a problem (RFC 9457), the error of window K (K4), or API Gateway's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(alias = "errorCode")]
    code: String,
    #[serde(alias = "errorMessage", alias = "message")]
    detail: String,
    field: Option<String>,
}

impl Failure {
    pub(crate) fn unreachable(error: reqwest::Error) -> Self {
        Self::Unreachable { cause: api::causes(&error), idempotency_key: None }
    }

    pub(crate) async fn refused(response: Response) -> Self {
        let status = response.status();
        let seconds = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.parse().ok());
        let problem = response.json().await.unwrap_or_default();
        Self::Refused(Refusal { status, problem, retry_after: seconds.map(Duration::from_secs) })
    }

    pub(crate) fn at_sign_in(self) -> Self {
        match self {
            Self::Refused(refusal) if !refusal.is_temporary() => Self::SignIn(refusal),
            other => other,
        }
    }

    /// Names the key under which a call whose answer was lost can be sent again.
    pub(crate) fn with_idempotency_key(self, key: Option<&str>) -> Self {
        match self {
            Self::Unreachable { cause, .. } => {
                Self::Unreachable { cause, idempotency_key: key.map(str::to_owned) }
            }
            other => other,
        }
    }

    /// Whether the same call can succeed a moment later.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_temporary())
    }

    /// The time in the response's `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }
}

fn repeat(idempotency_key: &Option<String>) -> String {
    let repeat = |key| format!("; if the call took effect, --idempotency-key {key} repeats its answer");
    idempotency_key.as_ref().map(repeat).unwrap_or_default()
}

impl Refusal {
    fn is_temporary(&self) -> bool {
        matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    }

    /// What the caller can do about it.
    fn next_step(&self) -> &'static str {
        match self.status.as_u16() {
            400 | 415 => "; openapi.yaml has the fields of each call",
            401 => "; check that the key is active and its token not revoked",
            403 => "; use a key with a role that may do this, `tokenbooth admin GET roles` lists the roles",
            404 => "; check the ids, and that the key belongs to the same customer",
            405 => "; docs/admin-api.md has the methods of each path",
            412 => "; read the resource again and use its new ETag",
            429 | 503 => "; try again later",
            _ => "",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, problem: Problem { code, detail, field }, .. } = self;
        write!(f, "the booth answered {}", status.as_u16())?;
        if !code.is_empty() {
            write!(f, " {}", shown(code))?;
        }
        if let Some(field) = field {
            write!(f, " for {}", shown(field))?;
        }
        if !detail.is_empty() {
            write!(f, ": {}", shown(detail))?;
        }
        f.write_str(self.next_step())
    }
}

/// Text of an answer, without control characters of a terminal.
fn shown(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(MAX_SHOWN).collect()
}
