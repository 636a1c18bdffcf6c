//! A service behind a network: every answer takes one round trip, and a new connection takes two more.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::serve::{IncomingStream, Listener};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::Outcome;
use crate::test_booth::ANY_PORT;

/// The round trips that open a connection: one for TCP, one for TLS 1.3.
const TRIPS_TO_CONNECT: u32 = 2;

/// What answers the requests.
pub(crate) enum Service {
    /// The DynamoDB at this address.
    DynamoDb(SocketAddr, reqwest::Client),
    /// A KMS with one key, which decrypts everything to this text in Base64.
    Kms(String),
}

/// From a request to its answer. The time in which the connection is opened does not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// A running service.
pub(crate) struct Network {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    state: Arc<Remote>,
}

struct Remote {
    service: Service,
    round_trip: Duration,
    seen: Mutex<Seen>,
}

/// What the service has seen since the last look.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) waits: Vec<Wait>,
}

/// Counts the connections that a service accepts.
struct CountingListener {
    listener: TcpListener,
    state: Arc<Remote>,
}

/// When a connection was accepted.
#[derive(Debug, Clone, Copy)]
struct AcceptedAt(Instant);

impl Network {
    /// Serves until the runtime ends.
    pub(crate) async fn serve(service: Service, round_trip: Duration) -> Outcome<Self> {
        let listener = TcpListener::bind(ANY_PORT).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Remote { service, round_trip, seen: Mutex::default() });
        let app = axum::Router::new().fallback(handle).with_state(state.clone());
        let service = app.into_make_service_with_connect_info::<AcceptedAt>();
        let listener = CountingListener { listener, state: state.clone() };
        tokio::spawn(async { axum::serve(listener, service).await });
        Ok(Self { address, state })
    }

    /// What it has seen since the last call.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.state.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The longest sequence of waits in which each begins after the one before has ended.
pub(crate) fn sequential(mut waits: Vec<Wait>) -> usize {
    waits.sort_by_key(|wait| wait.ended);
    let (mut count, mut last_end) = (0, None);
    for wait in waits {
        if last_end.is_none_or(|end| wait.began >= end) {
            count += 1;
            last_end = Some(wait.ended);
        }
    }
    count
}

impl Listener for CountingListener {
    type Io = TcpStream;
    type Addr = AcceptedAt;

    async fn accept(&mut self) -> (TcpStream, AcceptedAt) {
        let (stream, _) = Listener::accept(&mut self.listener).await;
        self.state.see(|seen| seen.connections += 1);
        (stream, AcceptedAt(Instant::now()))
    }

    fn local_addr(&self) -> std::io::Result<AcceptedAt> {
        Ok(AcceptedAt(Instant::now()))
    }
}

impl Connected<IncomingStream<'_, CountingListener>> for AcceptedAt {
    fn connect_info(stream: IncomingStream<'_, CountingListener>) -> Self {
        *stream.remote_addr()
    }
}

async fn handle(
    State(state): State<Arc<Remote>>,
    ConnectInfo(AcceptedAt(accepted_at)): ConnectInfo<AcceptedAt>,
    request: Request,
) -> (StatusCode, HeaderMap, Bytes) {
    state
        .answer(accepted_at, request)
        .await
        .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, HeaderMap::new(), error.to_string().into()))
}

impl Remote {
    fn see(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn answer(
        &self,
        accepted_at: Instant,
        request: Request,
    ) -> Outcome<(StatusCode, HeaderMap, Bytes)> {
        // A client behind a network could send its first request only when the connection is open.
        let began = Instant::now().max(accepted_at + TRIPS_TO_CONNECT * self.round_trip);
        tokio::time::sleep_until(began + self.round_trip).await;
        let answer = self.service.answer(request).await?;
        self.see(|seen| seen.waits.push(Wait { began, ended: Instant::now() }));
        Ok(answer)
    }
}

impl Service {
    async fn answer(&self, request: Request) -> Outcome<(StatusCode, HeaderMap, Bytes)> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        match self {
            Self::DynamoDb(address, client) => {
                let mut headers = parts.headers;
                for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH] {
                    headers.remove(name);
                }
                let request = client.post(format!("http://{address}/")).headers(headers).body(body);
                let answer = request.send().await?;
                Ok((answer.status(), HeaderMap::new(), answer.bytes().await?))
            }
            Self::Kms(key) => {
                let answer = json!({ "KeyId": "bench", "Plaintext": key });
                Ok((StatusCode::OK, HeaderMap::new(), answer.to_string().into()))
            }
        }
    }
}
