//! The embedded DynamoDB: an emulator over SQLite that serves DynamoDB's JSON API on a loopback port.

use std::net::SocketAddr;
use std::path::Path;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::private_file;

/// A running embedded DynamoDB.
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), String>>,
}

/// The data file cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct DataFileError {
    reason: String,
}

impl Embedded {
    /// Serves the data in `file` on `listener`. Without a file, the data is in memory.
    ///
    /// # Errors
    /// [`DataFileError`].
    pub fn serve(listener: TcpListener, file: Option<&Path>) -> Result<Self, DataFileError> {
        let failed = |error: &dyn std::fmt::Display| DataFileError { reason: error.to_string() };
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let opened = match file {
            None => Database::memory(),
            Some(path) => {
                private_file::create(path).map_err(|error| failed(&error))?;
                Database::new(&path.to_string_lossy())
            }
        };
        let database = opened.map_err(|error| failed(&error))?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            // Dropping the sender stops the server as well.
            let _: Result<(), _> = stopped.await;
        };
        let running = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, shutdown));
        Ok(Self { address, stop, running })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client for it.
    #[must_use]
    pub fn client(&self) -> Client {
        api::emulator_client(format!("http://{}", self.address))
    }

    /// Waits for running requests and closes the data file.
    pub async fn stop(self) {
        // The receiver is gone if the server has stopped already.
        let _: Result<(), ()> = self.stop.send(());
        match self.running.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(cause = error, "the embedded DynamoDB failed"),
            Err(error) => tracing::error!(cause = %error, "the embedded DynamoDB failed"),
        }
    }
}
