//! A proxy in front of the embedded DynamoDB that counts what goes through it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::ground::ANY_PORT;
use crate::units::Units;

/// One round trip.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The operation, as in `X-Amz-Target`.
    pub(crate) operation: String,
    /// What it costs; `None` for an operation nobody counts.
    pub(crate) units: Option<Units>,
}

/// A running proxy.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    wire: Arc<Wire>,
}

struct Wire {
    upstream: String,
    client: reqwest::Client,
    seen: Mutex<Vec<Exchange>>,
}

impl Proxy {
    /// A proxy in front of `upstream`, until the runtime ends.
    pub(crate) async fn serve(upstream: SocketAddr) -> Outcome<Self> {
        let listener = TcpListener::bind(ANY_PORT).await?;
        let address = listener.local_addr()?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let wire = Arc::new(Wire { upstream: format!("http://{upstream}/"), client, seen: Mutex::default() });
        let app = axum::Router::new().fallback(handle).with_state(wire.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        Ok(Self { address, wire })
    }

    /// The round trips since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.wire.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn handle(State(wire): State<Arc<Wire>>, request: Request) -> Response<Body> {
    wire.pass(request).await.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

impl Wire {
    async fn pass(&self, request: Request) -> Outcome<Response<Body>> {
        let (parts, body) = request.into_parts();
        let asked = axum::body::to_bytes(body, usize::MAX).await?;
        let sent = self.client.post(&self.upstream).headers(end_to_end(&parts.headers)).body(asked.clone());
        let answer = sent.send().await?;
        let (status, headers) = (answer.status(), end_to_end(answer.headers()));
        let answered = answer.bytes().await?;
        self.note(&parts.headers, &asked, &answered)?;
        let mut response = Response::new(Body::from(answered));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn note(&self, headers: &HeaderMap, asked: &Bytes, answered: &Bytes) -> Outcome<()> {
        let named = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = named.rsplit('.').next().unwrap_or_default().to_owned();
        let (asked, answered): (Value, Value) =
            (serde_json::from_slice(asked)?, serde_json::from_slice(answered)?);
        let units = Units::of(&operation, &asked, &answered);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(Exchange { operation, units });
        Ok(())
    }
}

/// `headers` without those of one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        kept.remove(name);
    }
    kept
}
