//! The connection of the operator's commands to a deployment.

use std::path::PathBuf;

use api::{BootError, Clock, Edge, PlainSignatures, RateLimits, Start};
use aws_sdk_dynamodb::config::ProvideCredentials as _;
use aws_types::SdkConfig;
use clap::{ArgGroup, Args};
use model::{AuditAddressDays, SignedDuration};
use store::{DataKeyFile, DataKeySource, Kms, Table, Wrapping};

const NO_REGION: &str = "no AWS region is set; set AWS_REGION, for example to eu-central-1, or AWS_PROFILE to a \
    profile with a region";

const NO_CREDENTIALS: &str = "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
    AWS_PROFILE to a profile that has them; after an SSO login run: eval \"$(aws configure export-credentials --format env)\"";

/// The table of a deployment and its data key.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("data_key").required(true))]
pub(crate) struct Connection {
    /// The table: the stack's output TableName
    #[arg(long, value_name = "NAME", env = "TOKENBOOTH_TABLE")]
    table: String,
    /// The KMS key that encrypts the data key: the stack's output KmsKeyArn
    #[arg(long, value_name = "ID", group = "data_key")]
    kms_key_id: Option<String>,
    /// Keep the data key in this file instead of KMS; for emulators
    #[arg(long, value_name = "FILE", env = "TOKENBOOTH_DATA_KEY_FILE", group = "data_key")]
    data_key_file: Option<PathBuf>,
}

/// Opens the table `name` for a command that needs no key of the deployment.
pub(crate) async fn open_table(name: &str) -> Result<Table, BootError> {
    Ok(Table::new(aws_sdk_dynamodb::Client::new(&sdk_config().await?), name))
}

/// The SDK's configuration, with the region and the credentials of the environment or of a profile.
async fn sdk_config() -> Result<SdkConfig, BootError> {
    let config = api::sdk_config().await;
    if config.region().is_none() {
        return Err(NO_REGION.into());
    }
    let credentials = config.credentials_provider().ok_or(NO_CREDENTIALS)?.provide_credentials().await;
    credentials.map_err(|error| {
        let causes = api::causes(&error);
        // The SDK lists each place where it looked on a line of its own.
        format!("{NO_CREDENTIALS}: {}", causes.split_whitespace().collect::<Vec<_>>().join(" "))
    })?;
    Ok(config)
}

impl Connection {
    /// Opens the table, with the region and the credentials of the environment. `deployment` is the name for which a new
    /// data key is wrapped; `original_table` is the former name of a copy.
    pub(crate) async fn open(
        &self,
        deployment: Option<&str>,
        original_table: Option<&str>,
    ) -> Result<Start, BootError> {
        let config = sdk_config().await?;
        let data_key = match &self.data_key_file {
            Some(path) => DataKeySource::File(DataKeyFile::at(path)),
            None => DataKeySource::Kms {
                client: Kms::new((&config).into())?,
                wrapping: self.wrapping(deployment),
                original_table: original_table.map(str::to_owned),
            },
        };
        let table = Table::new(aws_sdk_dynamodb::Client::new(&config), &self.table);
        Ok(Start {
            table,
            data_key,
            cache: SignedDuration::ZERO,
            rate_limits: RateLimits::Off,
            admin_plain_signatures: PlainSignatures::Refused,
            audit_address_days: AuditAddressDays::default(),
            clock: Clock::system(),
            edge: Edge::default(),
        })
    }

    fn wrapping(&self, deployment: Option<&str>) -> Option<Wrapping> {
        let key_id = self.kms_key_id.clone()?;
        Some(Wrapping { key_id, deployment: deployment.map(str::to_owned) })
    }
}
