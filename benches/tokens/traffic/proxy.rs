//! A proxy in front of the embedded DynamoDB that records what goes through it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::Outcome;
use crate::test_booth::ANY_PORT;
use crate::traffic::network::Wait;
use crate::traffic::units::Units;

/// One round trip.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The operation, as in `X-Amz-Target`.
    pub(crate) operation: String,
    /// Its units; `None` for an operation that `Units` does not know.
    pub(crate) units: Option<Units>,
    /// From the request to the response.
    pub(crate) wait: Wait,
}

/// How long the proxy waits before it forwards a request. Without it, of two requests that a function sends at once, the
/// first could be answered before the second is there.
const DELAY: Duration = Duration::from_millis(1);

/// A running proxy.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    forwarder: Arc<Forwarder>,
}

struct Forwarder {
    upstream: String,
    client: reqwest::Client,
    delay: Duration,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Proxy {
    /// A proxy in front of `upstream`, until the runtime ends. Requests that are sent at once overlap in its records.
    pub(crate) async fn serve(upstream: SocketAddr) -> Outcome<Self> {
        Self::with_delay(upstream, DELAY).await
    }

    /// A proxy that forwards requests at once, for a client that sends one after the other.
    pub(crate) async fn without_delay(upstream: SocketAddr) -> Outcome<Self> {
        Self::with_delay(upstream, Duration::ZERO).await
    }

    async fn with_delay(upstream: SocketAddr, delay: Duration) -> Outcome<Self> {
        let listener = TcpListener::bind(ANY_PORT).await?;
        let address = listener.local_addr()?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let forwarder = Arc::new(Forwarder {
            upstream: format!("http://{upstream}/"),
            client,
            delay,
            exchanges: Mutex::default(),
        });
        let app = axum::Router::new().fallback(handle).with_state(forwarder.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        Ok(Self { address, forwarder })
    }

    /// The round trips since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.forwarder.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn handle(State(forwarder): State<Arc<Forwarder>>, request: Request) -> Response<Body> {
    forwarder.forward(request).await.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

impl Forwarder {
    async fn forward(&self, request: Request) -> Outcome<Response<Body>> {
        let began = Instant::now();
        tokio::time::sleep(self.delay).await;
        let (parts, body) = request.into_parts();
        let sent = axum::body::to_bytes(body, usize::MAX).await?;
        let request = self.client.post(&self.upstream).headers(end_to_end(&parts.headers)).body(sent.clone());
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), end_to_end(answer.headers()));
        let received = answer.bytes().await?;
        self.record(&parts.headers, (&sent, &received), began)?;
        let mut response = Response::new(Body::from(received));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn record(&self, headers: &HeaderMap, (sent, received): (&Bytes, &Bytes), began: Instant) -> Outcome<()> {
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let (request, response): (Value, Value) =
            (serde_json::from_slice(sent)?, serde_json::from_slice(received)?);
        let units = Units::of(&operation, &request, &response);
        let exchange = Exchange { operation, units, wait: Wait { began, ended: Instant::now() } };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        Ok(())
    }
}

/// `headers` without those that belong to one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        kept.remove(name);
    }
    kept
}
