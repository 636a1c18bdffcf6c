//! A booth: data folder, embedded DynamoDB, every function, and the demo tenant.

mod embedded;
mod event;
mod functions;
mod gateway;
mod routes;

use std::fs::File;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use api::{BootError, Clock, RateLimits, Start};
use model::SignedDuration;
use store::{DataKeyFile, DataKeySource, Table};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::demo::Demo;
use crate::deployment::Deployment;
use crate::private_file;

pub use embedded::Embedded;
pub use functions::{Functions, Handler};
pub use gateway::Gateway;
pub use routes::{Route, Routes};

/// The table's name in a booth.
pub const TABLE: &str = "tokenbooth";

/// How a booth is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the booth listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the embedded DynamoDB listens; port 0 takes a free one.
    pub dynamodb: SocketAddr,
    /// The data folder; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// How long reads are remembered.
    pub cache: SignedDuration,
    /// Whether rate limits hold.
    pub rate_limits: RateLimits,
    /// The time.
    pub clock: Clock,
}

/// Why a booth does not open, in a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BoothError {
    /// The port is taken or not ours to take.
    #[error("cannot listen on {address}; choose another with {option} ADDR:PORT (port 0 takes a free one)")]
    Port {
        /// The address.
        address: SocketAddr,
        /// The option that sets it.
        option: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The data folder cannot be used.
    #[error("cannot write to the data folder {}; choose another with --data DIR, or --ephemeral for none", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another booth has the data folder.
    #[error("another booth is using the data folder {}; stop it, or choose another folder with --data DIR", .0.display())]
    InUse(PathBuf),
    /// The data file is damaged.
    #[error("the data file {} is damaged or not a booth's; it was left as it is: restore it, or choose another folder with --data DIR", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Why.
        source: BootError,
    },
    /// Something else.
    #[error("the booth cannot start")]
    Boot(#[source] BootError),
}

/// An open booth, not yet answering.
#[derive(Debug)]
pub struct Booth {
    /// Where it is.
    pub url: String,
    /// Its demo tenant.
    pub demo: Demo,
    /// Where its data is; for an ephemeral booth a folder that goes with it.
    pub folder: PathBuf,
    /// What its functions were started from.
    pub start: Start,
    embedded: Embedded,
    gateway: Gateway,
    listener: TcpListener,
    _temporary: Option<TempDir>,
    _lock: File,
}

impl Booth {
    /// Opens it: takes the ports first, so that nothing is touched where it could not run.
    ///
    /// # Errors
    /// [`BoothError`].
    pub async fn open(options: Options) -> Result<Self, BoothError> {
        let listener = listen(options.listen, "--listen").await?;
        let dynamodb = listen(options.dynamodb, "--dynamodb").await?;
        let url = url(&listener).map_err(boot)?;
        let (folder, temporary) = folder(options.data.as_deref())?;
        let lock = lock(&folder)?;
        let file = options.data.is_some().then(|| folder.join("dynamodb.sqlite"));
        let damaged = |source: BootError| match &file {
            Some(file) => BoothError::Damaged { file: file.clone(), source },
            None => BoothError::Boot(source),
        };
        let embedded = Embedded::serve(dynamodb, file.as_deref()).map_err(|error| damaged(error.into()))?;
        let start = Start {
            table: Table::new(embedded.client(), TABLE),
            data_key: DataKeySource::File(DataKeyFile::at(folder.join("data.key"))),
            cache: options.cache,
            rate_limits: options.rate_limits,
            clock: options.clock,
        };
        start.table.create_if_absent().await.map_err(|error| damaged(error.into()))?;
        let (deployment, _) = Deployment::prepare(&start, &url, true).await.map_err(boot)?;
        let demo = Demo::open(&deployment, &folder.join("demo.json"), &url).await.map_err(boot)?;
        let gateway = gateway(&start).await.map_err(BoothError::Boot)?;
        let booth = Self {
            url,
            demo,
            folder,
            start,
            embedded,
            gateway,
            listener,
            _temporary: temporary,
            _lock: lock,
        };
        booth.write_files()?;
        Ok(booth)
    }

    /// Answers requests until `shutdown`, then finishes those running and closes the data.
    ///
    /// # Errors
    /// The listener's.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let served = self.gateway.serve(self.listener, shutdown).await;
        self.embedded.stop().await;
        served
    }

    /// Where its embedded DynamoDB listens.
    #[must_use]
    pub fn dynamodb(&self) -> SocketAddr {
        self.embedded.address()
    }

    /// What goes beside the data: the demo tenant, its keys ready to use, and the environment for function
    /// binaries that are to work on the same data.
    fn write_files(&self) -> Result<(), BoothError> {
        let unwritable = |source| BoothError::Folder { folder: self.folder.clone(), source };
        self.demo.write(&self.folder.join("demo.json")).map_err(unwritable)?;
        let redeem = serde_json::json!({ "apiKey": self.demo.api_key.encoded_key });
        private_file::write(&self.folder.join("redeem.json"), &format!("{redeem}\n")).map_err(unwritable)?;
        private_file::write(&self.folder.join("partner.curl"), &self.demo.partner.curl())
            .map_err(unwritable)?;
        private_file::write(&self.folder.join("client.curl"), &self.demo.curl()).map_err(unwritable)?;
        private_file::write(&self.folder.join("project.curl"), &self.demo.project.curl())
            .map_err(unwritable)?;
        let folder = std::path::absolute(&self.folder).map_err(unwritable)?;
        let environment = format!(
            "TOKENBOOTH_TABLE={TABLE}\nTOKENBOOTH_DATA_KEY_FILE={}\nTOKENBOOTH_CACHE_SECONDS={}\n\
             AWS_ENDPOINT_URL_DYNAMODB=http://{}\nAWS_REGION=us-east-1\nAWS_ACCESS_KEY_ID=local\n\
             AWS_SECRET_ACCESS_KEY=local\n",
            folder.join("data.key").display(),
            self.start.cache.as_secs(),
            self.dynamodb(),
        );
        private_file::write(&self.folder.join("function.env"), &environment).map_err(unwritable)
    }
}

async fn gateway(start: &Start) -> Result<Gateway, BootError> {
    let functions = Functions::boot(start).await?;
    Ok(Gateway::new(&Routes::of_template()?, &functions, start.clock.clone())?)
}

async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener, BoothError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| BoothError::Port { address, option, source })
}

/// The URL of `listener`; one that listens on every address is told by the loopback one.
fn url(listener: &TcpListener) -> std::io::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(format!("http://{address}"))
}

fn folder(given: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), BoothError> {
    match given {
        Some(folder) => {
            let unwritable = |source| BoothError::Folder { folder: folder.to_owned(), source };
            private_file::create_folder(folder).map_err(unwritable)?;
            Ok((folder.to_owned(), None))
        }
        None => {
            let temporary = TempDir::with_prefix("tokenbooth-").map_err(boot)?;
            private_file::close(temporary.path()).map_err(boot)?;
            Ok((temporary.path().to_owned(), Some(temporary)))
        }
    }
}

/// Two booths on one data file would each lose what the other writes.
fn lock(folder: &Path) -> Result<File, BoothError> {
    let path = folder.join("lock");
    let unwritable = |source| BoothError::Folder { folder: folder.to_owned(), source };
    private_file::touch(&path).map_err(unwritable)?;
    let file = File::options().append(true).open(&path).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(BoothError::InUse(folder.to_owned())),
        Err(std::fs::TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => Ok(file),
        Err(std::fs::TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

fn boot(error: impl Into<BootError>) -> BoothError {
    BoothError::Boot(error.into())
}
