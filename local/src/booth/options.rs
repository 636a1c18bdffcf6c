//! The settings of a booth.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use api::{Clock, Edge, PlainSignatures, RateLimits};
use model::SignedDuration;

use crate::issuer::IssuerUrl;

/// The settings of a booth.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address that the booth listens on. Port 0 takes a free port.
    pub listen: SocketAddr,
    /// The public URL. `None` means the address that the booth listens on.
    pub issuer: Option<IssuerUrl>,
    /// The address that the embedded DynamoDB listens on. Port 0 takes a free port.
    pub dynamodb: SocketAddr,
    /// The data folder. `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// How long reads are cached.
    pub cache: SignedDuration,
    /// Whether rate limits are enforced.
    pub rate_limits: RateLimits,
    /// Whether the Admin API and window X accept plain signed requests.
    pub admin_plain_signatures: PlainSignatures,
    /// The clock.
    pub clock: Clock,
    /// The time between two runs of the jobs. `None` runs none.
    pub job_interval: Option<Duration>,
    /// How long a client may take to send the header of a request.
    pub header_timeout: Duration,
    /// How requests from the edge are recognised.
    pub edge: Edge,
}
