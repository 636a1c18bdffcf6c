//! Rate limits: checked before a token is issued, and shown in every response (A14).

mod bucket_request;
mod leases;
mod limiter;
mod quotas;

pub use bucket_request::{BucketKind, BucketRequest};
pub use limiter::{Limiter, RateLimits};
pub use quotas::Quotas;
