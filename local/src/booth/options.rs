//! The settings of a booth.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::{Clock, RateLimits};
use model::SignedDuration;

use crate::issuer::IssuerUrl;

/// The settings of a booth.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the booth listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The URL that others reach the booth at; `None` for the address it listens on.
    pub issuer: Option<IssuerUrl>,
    /// Where the embedded DynamoDB listens; port 0 takes a free one.
    pub dynamodb: SocketAddr,
    /// The data folder; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// How long a function uses what it has read.
    pub cache: SignedDuration,
    /// Whether there are rate limits.
    pub rate_limits: RateLimits,
    /// The clock.
    pub clock: Clock,
}
