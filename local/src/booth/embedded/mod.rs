//! The embedded DynamoDB: an emulator over SQLite that serves DynamoDB's JSON API on a loopback port.

mod access;
mod operations;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Response, StatusCode};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::booth::http_server;
use crate::private_file;
use access::{AccessKey, Denied};

/// A running embedded DynamoDB. Each start has its own access key.
#[derive(Debug)]
pub struct Embedded {
    address: SocketAddr,
    key: AccessKey,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

/// The data file cannot be opened, or there is no randomness for the access key.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct DataFileError {
    reason: String,
}

/// What the handler needs.
struct Server {
    database: Database,
    key: AccessKey,
    address: SocketAddr,
}

/// The maximum length of a request in bytes: DynamoDB's own limit.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

impl Embedded {
    /// Serves the data in `file` on `listener`. Without a file, the data is in memory.
    ///
    /// # Errors
    /// [`DataFileError`].
    pub fn serve(listener: TcpListener, file: Option<&Path>) -> Result<Self, DataFileError> {
        let failed = |error: &dyn std::fmt::Display| DataFileError { reason: error.to_string() };
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let key = AccessKey::generate().map_err(|error| failed(&error))?;
        let opened = match file {
            None => Database::memory(),
            Some(path) => {
                private_file::create(path).map_err(|error| failed(&error))?;
                Database::new(&path.to_string_lossy())
            }
        };
        let database = opened.map_err(|error| failed(&error))?;
        let server = Arc::new(Server { database, key: key.clone(), address });
        let app = axum::Router::new().fallback(handle).with_state(server);
        let app = app.layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            // Dropping the sender stops the server as well.
            let _: Result<(), _> = stopped.await;
        };
        let running = tokio::spawn(http_server::serve(listener, app, http_server::HEADER_TIMEOUT, shutdown));
        Ok(Self { address, key, stop, running })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The access key that its clients must use.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.key.credentials()
    }

    /// A client for it.
    #[must_use]
    pub fn client(&self) -> Client {
        api::emulator_client(format!("http://{}", self.address), self.credentials())
    }

    /// Waits for running requests and closes the data file.
    pub async fn stop(self) {
        // The receiver is gone if the server has stopped already.
        let _: Result<(), ()> = self.stop.send(());
        if let Err(error) = self.running.await {
            tracing::error!(cause = %error, "the embedded DynamoDB failed");
        }
    }
}

async fn handle(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    match server.key.check(&headers, server.address) {
        Ok(()) => operations::answer(&server.database, &headers, &body),
        Err(Denied::WebPage) => {
            let message = "the embedded DynamoDB does not answer web pages";
            operations::exception(StatusCode::FORBIDDEN, "AccessDeniedException", message)
        }
        Err(Denied::UnknownKey) => {
            let message = "the access key is not the one in function.env";
            operations::exception(StatusCode::BAD_REQUEST, "UnrecognizedClientException", message)
        }
    }
}
