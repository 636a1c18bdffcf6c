//! A booth: data folder, embedded DynamoDB, every function, and the demo tenant.

mod data_folder;
mod embedded;
mod error;
mod event;
mod functions;
mod gateway;
mod http_server;
mod jobs;
mod options;
mod routes;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use api::{BootError, PlainSignatures, Start};
use aws_sdk_dynamodb::config::Credentials;
use model::AuditAddressDays;
use store::{DataKeyFile, DataKeySource, Table};
use tokio::net::TcpListener;

use crate::booth::data_folder::DataFolder;
use crate::demo::Demo;
use crate::deployment::Deployment;

pub use embedded::Embedded;
pub use error::BoothError;
pub use functions::{Functions, Handler};
pub use gateway::Gateway;
pub use http_server::HEADER_TIMEOUT;
pub use jobs::Jobs;
pub use options::Options;
pub use routes::{Route, Routes, scheduled_functions};

/// The name of a booth's table.
pub const TABLE: &str = "tokenbooth";

/// An open booth that does not answer requests yet.
#[derive(Debug)]
pub struct Booth {
    /// Its public URL, which is the issuer of its tokens.
    pub url: String,
    /// Its demo tenant.
    pub demo: Demo,
    /// The start values of its functions.
    pub start: Start,
    embedded: Embedded,
    gateway: Gateway,
    jobs: Jobs,
    job_interval: Option<Duration>,
    listener: TcpListener,
    header_timeout: Duration,
    folder: DataFolder,
}

impl Booth {
    /// Opens a booth. Binds the ports first, so that nothing is written if a port is not free.
    ///
    /// # Errors
    /// [`BoothError`].
    pub async fn open(options: Options) -> Result<Self, BoothError> {
        let listener = listen(options.listen, "--listen").await?;
        let dynamodb = listen(options.dynamodb, "--dynamodb").await?;
        let url = match options.issuer {
            Some(issuer) => issuer.to_string(),
            None => local_url(&listener).map_err(BoothError::boot)?,
        };
        let is_ephemeral = options.data.is_none();
        let folder = DataFolder::open(options.data)?;
        let file = (!is_ephemeral).then(|| folder.path().join("dynamodb.sqlite"));
        let damaged = |source: BootError| match &file {
            Some(file) => BoothError::Damaged { file: file.clone(), source },
            None => BoothError::Boot(source),
        };
        let embedded = Embedded::serve(dynamodb, file.as_deref()).map_err(|error| damaged(error.into()))?;
        let start = Start {
            table: Table::new(embedded.client(), TABLE),
            data_key: DataKeySource::File(DataKeyFile::at(folder.path().join("data.key"))),
            cache: options.cache,
            rate_limits: options.rate_limits,
            admin_plain_signatures: options.admin_plain_signatures,
            audit_address_days: AuditAddressDays::default(),
            clock: options.clock,
            edge: options.edge,
        };
        start.table.create_if_absent().await.map_err(|error| damaged(error.into()))?;
        let (deployment, _) = Deployment::prepare(&start, &url, true).await.map_err(BoothError::boot)?;
        let demo_file = folder.path().join("demo.json");
        let demo = Demo::open(&deployment, &demo_file, &url).await.map_err(BoothError::boot)?;
        let gateway = boot_gateway(&start).await.map_err(BoothError::Boot)?;
        let jobs = Jobs::boot(&start).await.map_err(BoothError::Boot)?;
        let (job_interval, header_timeout) = (options.job_interval, options.header_timeout);
        let booth = Self {
            url,
            demo,
            start,
            embedded,
            gateway,
            jobs,
            job_interval,
            listener,
            header_timeout,
            folder,
        };
        booth.write_files()?;
        Ok(booth)
    }

    /// Answers requests and runs the jobs until `shutdown`, then finishes those that are running and closes the data file.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let served = self.gateway.serve(self.listener, self.header_timeout, shutdown);
        let jobs = self.jobs.run_every(self.job_interval, &self.start.clock);
        tokio::select! {
            () = served => {}
            never = jobs => match never {},
        }
        self.embedded.stop().await;
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The listener's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The address that its embedded DynamoDB listens on.
    #[must_use]
    pub fn dynamodb(&self) -> SocketAddr {
        self.embedded.address()
    }

    /// The access key of its embedded DynamoDB.
    #[must_use]
    pub fn dynamodb_credentials(&self) -> Credentials {
        self.embedded.credentials()
    }

    /// The folder of its files. The folder of an ephemeral booth is deleted with the booth.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the demo tenant, files with its keys for curl, and the environment that a function's binary needs to use the
    /// same table.
    fn write_files(&self) -> Result<(), BoothError> {
        let redeem = serde_json::json!({ "apiKey": self.demo.api_key.encoded_key });
        self.folder.write("demo.json", &self.demo.text())?;
        self.folder.write("redeem.json", &format!("{redeem}\n"))?;
        self.folder.write("partner.curl", &self.demo.partner.curl())?;
        self.folder.write("client.curl", &self.demo.curl())?;
        self.folder.write("project.curl", &self.demo.project.curl())?;
        self.folder.write("function.env", &self.function_environment()?)
    }

    fn function_environment(&self) -> Result<String, BoothError> {
        let folder =
            std::path::absolute(self.folder.path()).map_err(|error| self.folder.unwritable(error))?;
        let key = self.dynamodb_credentials();
        Ok(format!(
            "TOKENBOOTH_TABLE={TABLE}\nTOKENBOOTH_DATA_KEY_FILE={}\nTOKENBOOTH_CACHE_SECONDS={}\n\
             TOKENBOOTH_ADMIN_PLAIN_SIGNATURES={}\nAWS_ENDPOINT_URL_DYNAMODB=http://{}\nAWS_REGION=us-east-1\nAWS_ACCESS_KEY_ID={}\n\
             AWS_SECRET_ACCESS_KEY={}\n",
            folder.join("data.key").display(),
            self.start.cache.as_secs(),
            self.start.admin_plain_signatures == PlainSignatures::Accepted,
            self.dynamodb(),
            key.access_key_id(),
            key.secret_access_key(),
        ))
    }
}

async fn boot_gateway(start: &Start) -> Result<Gateway, BootError> {
    let functions = Functions::boot(start).await?;
    Ok(Gateway::new(&Routes::of_template()?, &functions, start.clock.clone())?)
}

async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener, BoothError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| BoothError::Port { address, option, source })
}

/// The URL of `listener`. If it listens on every address, the URL has the loopback address.
fn local_url(listener: &TcpListener) -> std::io::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(format!("http://{address}"))
}
