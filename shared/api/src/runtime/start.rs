//! The values that every endpoint is started with: the table, the data key, rate limits and the clock.

use std::process::ExitCode;
use std::sync::Arc;

use model::{AuditAddressDays, SignedDuration};
use store::{DataKeyFile, DataKeySource, DeploymentKeys, Directory, Kms, Lookup, StoreError, Table};

use crate::problem::causes;
use crate::rate_limit::{Limiter, RateLimits};
use crate::request::edge::Edge;
use crate::runtime::aws::function_config;
use crate::runtime::clock::Clock;
use crate::runtime::log::log_to_stderr;
use crate::runtime::settings::{OnFailure, PlainSignatures, Settings};

/// Why a function could not start.
pub type BootError = Box<dyn std::error::Error + Send + Sync>;

/// The exit code of a function that has ended. Prints why it could not start.
pub(crate) fn exit_code(function: &str, served: Result<(), BootError>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The log is not used, because the settings with its format may be what is wrong.
            eprintln!("{function} cannot start: {}", causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// The values that every endpoint is started with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The table.
    pub table: Table,
    /// Where the data key comes from.
    pub data_key: DataKeySource,
    /// How long reads are cached.
    pub cache: SignedDuration,
    /// Whether rate limits are enforced.
    pub rate_limits: RateLimits,
    /// Whether the Admin API and window X accept plain signed requests.
    pub admin_plain_signatures: PlainSignatures,
    /// For how many days the source addresses of audit records are kept.
    pub audit_address_days: AuditAddressDays,
    /// The clock.
    pub clock: Clock,
    /// How requests from the edge are recognised.
    pub edge: Edge,
}

impl Start {
    /// Reads the settings and the AWS environment, and starts the log. Opens no connection.
    ///
    /// # Errors
    /// [`BootError`] naming the setting.
    pub(crate) async fn from_env() -> Result<Self, BootError> {
        let settings = Settings::from_env()?;
        log_to_stderr(settings.log);
        Ok(Self::new(&settings).await?)
    }

    /// Reads `settings` and the AWS environment. Opens no connection.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn new(settings: &Settings) -> Result<Self, StoreError> {
        let config = function_config().await;
        let table = Table::new(aws_sdk_dynamodb::Client::new(&config), &settings.table);
        let data_key = match &settings.data_key_file {
            Some(path) => DataKeySource::File(DataKeyFile::at(path)),
            None => DataKeySource::Kms {
                client: Kms::new((&config).into())?,
                wrapping: None,
                original_table: None,
            },
        };
        let rate_limits = RateLimits::On(settings.rate_limit_failure);
        Ok(Self {
            table,
            data_key,
            cache: settings.cache,
            rate_limits,
            admin_plain_signatures: settings.admin_plain_signatures,
            audit_address_days: settings.audit_address_days,
            clock: Clock::system(),
            edge: settings.edge.clone(),
        })
    }

    /// The rate limits of an endpoint that fails open or closed, as the settings say.
    #[must_use]
    pub fn limiter(&self) -> Limiter {
        Limiter::new(self.table.clone(), self.rate_limits, self.clock.clone())
    }

    /// The rate limits of an endpoint that always fails closed (windows V and S).
    #[must_use]
    pub fn fail_closed_limiter(&self) -> Limiter {
        let limits = match self.rate_limits {
            RateLimits::On(_) => RateLimits::On(OnFailure::Closed),
            RateLimits::Off => RateLimits::Off,
        };
        Limiter::new(self.table.clone(), limits, self.clock.clone())
    }

    /// The data keys and the hash key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys(&self) -> Result<Arc<DeploymentKeys>, StoreError> {
        DeploymentKeys::open(&self.data_key, &self.table, self.clock.now()).await.map(Arc::new)
    }

    /// A directory for an endpoint that issues tokens. Reads the signing keys and the issuer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issuing_directory(&self) -> Result<Directory, StoreError> {
        self.directory(self.cache, [Lookup::SigningKeys, Lookup::Issuer]).await
    }

    /// A directory for an endpoint that opens the secrets of sites or projects, and no signing key. Reads the issuer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sealed_directory(&self) -> Result<Directory, StoreError> {
        self.directory(self.cache, [Lookup::Issuer]).await
    }

    /// A directory for an endpoint that changes the configuration. It has no cache: otherwise a key that was just
    /// disabled could still create another key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn administering_directory(&self) -> Result<Directory, StoreError> {
        self.directory(SignedDuration::ZERO, [Lookup::Issuer]).await
    }

    /// A directory for an endpoint that opens no secret. Reads the issuer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_directory(&self) -> Result<Directory, StoreError> {
        let directory = Directory::public(self.table.clone(), self.cache);
        let mut view = directory.view(self.clock.now());
        view.fetch([Lookup::Issuer]).await?;
        view.issuer()?;
        Ok(directory)
    }

    /// A directory with the data key. Reads the key and `lookups` at once: the function's policy must allow all of them
    /// in one statement.
    async fn directory<const N: usize>(
        &self,
        cache: SignedDuration,
        lookups: [Lookup; N],
    ) -> Result<Directory, StoreError> {
        Directory::open(self.table.clone(), &self.data_key, cache, lookups, self.clock.now()).await
    }
}
