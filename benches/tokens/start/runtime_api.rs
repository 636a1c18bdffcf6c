//! The Lambda Runtime API for one invocation.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use api::Clock;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Response, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::Outcome;
use crate::test_booth::ANY_PORT;

/// A step of a function.
#[derive(Debug)]
pub(crate) enum Step {
    /// It requested its first invocation.
    Ready(Instant),
    /// It sent this response.
    Answered(Instant, Bytes),
    /// It reported an error.
    Failed(Bytes),
}

/// A Runtime API with one invocation. It stops when it is dropped.
pub(crate) struct RuntimeApi {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The steps of the function.
    pub(crate) steps: UnboundedReceiver<Step>,
    running: JoinHandle<()>,
}

struct Invocation {
    event: Mutex<Option<String>>,
    steps: UnboundedSender<Step>,
}

impl RuntimeApi {
    pub(crate) async fn serve(event: String) -> Outcome<Self> {
        let listener = TcpListener::bind(ANY_PORT).await?;
        let address = listener.local_addr()?;
        let (sender, steps) = unbounded_channel();
        let invocation = Arc::new(Invocation { event: Mutex::new(Some(event)), steps: sender });
        let app = axum::Router::new().fallback(handle).with_state(invocation);
        let running = tokio::spawn(async {
            // It runs until it is aborted.
            let _: std::io::Result<()> = axum::serve(listener, app).await;
        });
        Ok(Self { address, steps, running })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn handle(
    State(invocation): State<Arc<Invocation>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response<Body> {
    let now = Instant::now();
    let path = uri.path();
    if method == Method::GET && path.ends_with("/invocation/next") {
        let event = invocation.event.lock().unwrap_or_else(PoisonError::into_inner).take();
        match event {
            Some(event) => {
                invocation.record(Step::Ready(now));
                return next(event);
            }
            None => std::future::pending::<()>().await,
        }
    }
    invocation.record(if path.ends_with("/response") {
        Step::Answered(now, body)
    } else {
        Step::Failed(body)
    });
    let mut accepted = Response::new(Body::empty());
    *accepted.status_mut() = StatusCode::ACCEPTED;
    accepted
}

impl Invocation {
    fn record(&self, step: Step) {
        // The receiver is gone once the response is there.
        let _: Result<(), _> = self.steps.send(step);
    }
}

fn next(event: String) -> Response<Body> {
    let deadline = Clock::system().now().as_millisecond() + 10_000;
    let mut response = Response::new(Body::from(event));
    let headers = response.headers_mut();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-67891233-abcdef012345678912345678;Sampled=0"),
        ("content-type", "application/json"),
    ] {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    headers.insert("lambda-runtime-deadline-ms", deadline.into());
    response
}
