//! The booth that measurements use, with its embedded DynamoDB and demo tenant.

use std::net::{Ipv4Addr, SocketAddr};

use api::{Clock, Edge, OnFailure, PlainSignatures, RateLimits, Start};
use aws_sdk_dynamodb::config::Credentials;
use model::{AuditAddressDays, SignedDuration};
use store::Table;
use tokenbooth::{Booth, Demo, HEADER_TIMEOUT, Options, TABLE};

use crate::Outcome;
use crate::test_clock::TestClock;

/// How long reads are cached: longer than any measurement, on the test clock too.
pub(crate) const CACHE: SignedDuration = SignedDuration::from_hours(6);

/// How long reads are cached in a deployment, unless its operator changes it (`CacheSeconds` in `template.yaml`).
const DEPLOYED_CACHE: SignedDuration = SignedDuration::from_secs(10);

/// Any free port, on loopback.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Rate limits as deployed, except that a failure of one ends the run.
pub(crate) const LIMITS: RateLimits = RateLimits::On(OnFailure::Closed);

/// A booth that serves only its DynamoDB. Each part of the table uses a new one, because rate limit buckets that
/// another part has used would change the figures.
pub(crate) struct TestBooth {
    /// The clock of the functions that are started here.
    pub(crate) clock: TestClock,
    booth: Booth,
}

impl TestBooth {
    pub(crate) async fn open() -> Outcome<Self> {
        let options = Options {
            listen: ANY_PORT,
            issuer: None,
            dynamodb: ANY_PORT,
            data: None,
            cache: SignedDuration::from_secs(300), // the most that a function's settings allow
            rate_limits: LIMITS,
            admin_plain_signatures: PlainSignatures::Refused,
            clock: Clock::system(),
            job_interval: None,
            header_timeout: HEADER_TIMEOUT,
            edge: Edge::default(),
        };
        let booth = Booth::open(options).await?;
        // The clock starts after the demo tenant was created, so that its keys are valid.
        Ok(Self { clock: TestClock::new(), booth })
    }

    pub(crate) fn demo(&self) -> &Demo {
        &self.booth.demo
    }

    /// Where the embedded DynamoDB listens.
    pub(crate) fn dynamodb(&self) -> SocketAddr {
        self.booth.dynamodb()
    }

    /// The access key of the embedded DynamoDB.
    pub(crate) fn dynamodb_credentials(&self) -> Credentials {
        self.booth.dynamodb_credentials()
    }

    /// The start of a function that uses the table at `dynamodb`.
    pub(crate) fn start(&self, dynamodb: SocketAddr, rate_limits: RateLimits) -> Start {
        let client = api::emulator_client(format!("http://{dynamodb}"), self.booth.dynamodb_credentials());
        let table = Table::new(client, TABLE);
        Start {
            table,
            cache: CACHE,
            rate_limits,
            audit_address_days: AuditAddressDays::default(),
            clock: self.clock.for_function(),
            ..self.booth.start.clone()
        }
    }

    /// Its data key in Base64.
    pub(crate) fn data_key(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(self.booth.folder().join("data.key"))?.trim().to_owned())
    }

    /// The start of a function that caches as long as it does in a deployment.
    pub(crate) fn start_as_deployed(&self, dynamodb: SocketAddr) -> Start {
        Start { cache: DEPLOYED_CACHE, ..self.start(dynamodb, LIMITS) }
    }

    /// The environment that the booth writes for function binaries.
    pub(crate) fn environment(&self) -> Outcome<Vec<(String, String)>> {
        let text = std::fs::read_to_string(self.booth.folder().join("function.env"))?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
