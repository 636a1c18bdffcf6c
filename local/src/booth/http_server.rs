//! An HTTP/1 server that ends connections which send no whole header, or no whole request, in time.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower_http::timeout::TimeoutLayer;

/// How long a client may take to send the header of a request, and how long a connection may wait for the next request.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How much longer than its header a whole request may take, with its answer. With [`HEADER_TIMEOUT`] it is 30 s, as in API
/// Gateway.
const REQUEST_FACTOR: u32 = 3;

/// The pause after the operating system could not accept a connection, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers requests on `listener` with `app` until `shutdown`, then finishes those that are running. A handler gets the
/// client's address as [`ConnectInfo`].
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    header_timeout: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(header_timeout);
    let timeout =
        TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, header_timeout * REQUEST_FACTOR);
    let app = app.layer(timeout);
    let running = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, client) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut shutdown => break,
        };
        let service = TowerToHyperService::new(app.clone().layer(Extension(ConnectInfo(client))));
        let connection = running.watch(http.serve_connection(TokioIo::new(stream), service));
        // The client caused the error: it closed the connection, was too slow, or did not send HTTP.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
    drop(listener);
    running.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(cause = %error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
