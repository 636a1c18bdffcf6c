//! HTTP for all functions: start, requests, authentication, rate limits, responses and the log.

mod auth;
mod cors;
mod endpoint;
mod oauth;
mod problem;
mod rate_limit;
mod reply;
mod request;
mod runtime;
mod signed;

pub use auth::*;
pub use endpoint::{AuditHead, Endpoint, ErrorResponse, answer};
pub use oauth::{BASIC_CHALLENGE, oauth_error, oauth_reply};
pub use problem::{Code, Problem, causes};
pub use rate_limit::{BucketKind, BucketRequest, Limiter, Quotas, RateLimits};
pub use reply::{Reply, cacheable, json_reply};
pub use request::*;
pub use runtime::*;
pub use signed::*;

pub use lambda_http::{Body, Request, Response, http};
