//! What happens before the first request: clients, keys, logging.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use crypto::DataKey;
use model::SignedDuration;
use store::{DataKeyFile, DataKeySource, Directory, Issuer, Lookup, StoreError, Table};

use crate::rate_limit::{Limiter, RateLimits};
use crate::runtime::clock::Clock;
use crate::runtime::settings::{Failing, LogFormat, Settings};

/// Why a function could not start.
pub type BootError = Box<dyn std::error::Error + Send + Sync>;

/// What functions are started from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The table.
    pub table: Table,
    /// Where the data key comes from.
    pub data_key: DataKeySource,
    /// How long reads are remembered.
    pub cache: SignedDuration,
    /// Whether rate limits hold.
    pub rate_limits: RateLimits,
    /// The time.
    pub clock: Clock,
}

impl Start {
    /// The start that `settings` and the AWS environment describe. Opens no connection.
    pub async fn new(settings: &Settings) -> Self {
        let config = sdk_config().await;
        let table = Table::new(aws_sdk_dynamodb::Client::new(&config), &settings.table);
        let data_key = match &settings.data_key_file {
            Some(path) => DataKeySource::File(DataKeyFile::at(path)),
            None => DataKeySource::Kms { client: aws_sdk_kms::Client::new(&config), key_id: None },
        };
        let rate_limits = RateLimits::On(settings.rate_limit_failure);
        Self { table, data_key, cache: settings.cache, rate_limits, clock: Clock::system() }
    }

    /// The rate limits of an endpoint that fails as the settings say.
    #[must_use]
    pub fn limiter(&self) -> Limiter {
        Limiter::new(self.table.clone(), self.rate_limits)
    }

    /// The rate limits of an endpoint that must not go on without them (windows V and S).
    #[must_use]
    pub fn closing_limiter(&self) -> Limiter {
        let limits = match self.rate_limits {
            RateLimits::On(_) => RateLimits::On(Failing::Closed),
            RateLimits::Off => RateLimits::Off,
        };
        Limiter::new(self.table.clone(), limits)
    }

    /// The data key, unwrapped.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn data_key(&self) -> Result<Arc<DataKey>, StoreError> {
        self.data_key.open(&self.table).await.map(Arc::new)
    }

    /// A directory for an endpoint that issues tokens, with the signing keys read and parsed, so that no request
    /// waits for the first connection or for KMS.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issuing_directory(&self) -> Result<Directory, StoreError> {
        let directory = Directory::new(self.table.clone(), self.data_key().await?, self.cache);
        let mut view = directory.view(self.clock.now());
        view.fetch([Lookup::SigningKeys, Lookup::Issuer]).await?;
        view.signing_keys()?;
        Ok(directory)
    }

    /// A directory for an endpoint that signs with secrets of the table's, with the issuer read (window V).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sealed_directory(&self, data_key: Arc<DataKey>) -> Result<Directory, StoreError> {
        let directory = Directory::new(self.table.clone(), data_key, self.cache);
        self.issuer(&directory).await?;
        Ok(directory)
    }

    /// A directory for an endpoint that administers. It remembers nothing: a key that was disabled a moment ago could
    /// make itself a successor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn administering_directory(&self, data_key: Arc<DataKey>) -> Result<Directory, StoreError> {
        let directory = Directory::new(self.table.clone(), data_key, SignedDuration::ZERO);
        self.issuer(&directory).await?;
        Ok(directory)
    }

    /// A directory for an endpoint that verifies tokens of every kind: it opens secrets, and signs nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verifying_directory(&self) -> Result<Directory, StoreError> {
        let directory = Directory::new(self.table.clone(), self.data_key().await?, self.cache);
        self.issuer(&directory).await?;
        Ok(directory)
    }

    /// A directory of what is public, read once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_directory(&self) -> Result<Directory, StoreError> {
        let directory = Directory::public(self.table.clone(), self.cache);
        self.issuer(&directory).await?;
        Ok(directory)
    }

    async fn issuer(&self, directory: &Directory) -> Result<Arc<Issuer>, StoreError> {
        let mut view = directory.view(self.clock.now());
        view.fetch([Lookup::Issuer]).await?;
        view.issuer().cloned()
    }
}

/// The SDK's settings: the environment's, with bounds on how long a call may take.
pub async fn sdk_config() -> SdkConfig {
    let defaults = aws_config::defaults(BehaviorVersion::latest());
    defaults.timeout_config(timeouts()).retry_config(retries()).load().await
}

/// How long a call to AWS may take: 4 s with all its attempts, so that a caller hears of it in time.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1_200))
        .operation_timeout(Duration::from_secs(4))
        .build()
}

/// How often a call to AWS is tried.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// Sends log lines to standard error, which Lambda keeps as well as standard output; those of libraries only from
/// warnings on, unless the filter asks for more. Below `info` nothing is written whatever it asks for: there libraries
/// log what they send and get.
pub fn log_to_stderr(format: LogFormat) {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::prelude::*;
    let filter = EnvFilter::try_from_env("TOKENBOOTH_LOG_FILTER").unwrap_or_else(|_| {
        EnvFilter::new(
            "warn,dynoxide=error,api=info,tokenbooth=info,access_token=info,anonymous_token=info,oauth_token=info,\
             secure_anonymous_token=info,signed_token=info",
        )
    });
    let lines = tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .with_target(false);
    // A second call, as when a test starts two booths, keeps the first one's format.
    let set = match format {
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(false);
            lines.finish().with(LevelFilter::INFO).try_init()
        }
        LogFormat::Text => lines.finish().with(LevelFilter::INFO).try_init(),
    };
    if let Err(error) = set {
        tracing::debug!(%error, "logging is already set up");
    }
}
