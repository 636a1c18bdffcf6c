//! A DynamoDB that counts its calls and fails on demand: a proxy before the embedded one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::world::ANY_PORT;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// It is refused with this exception.
    Refused(&'static str),
    /// It is not answered before anyone has stopped waiting.
    Slow,
    /// It is done, late enough for another one to come first.
    Late,
    /// It is done, and then its answer is lost.
    AnswerLost,
    /// Half of its keys are left unprocessed.
    HalfDone,
    /// All of its keys are left unprocessed.
    Undone,
}

/// The proxy, on a runtime of its own so that it can go away with all its connections.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) url: String,
    state: Arc<Faults>,
    runtime: Option<Runtime>,
}

#[derive(Debug)]
struct Faults {
    upstream: String,
    client: reqwest::Client,
    calls: Mutex<BTreeMap<String, usize>>,
    plan: Mutex<Plan>,
}

/// The fault, for calls of this operation (all, if empty), and how many more of them.
type Plan = Option<(Fault, &'static str, usize)>;

impl Proxy {
    /// A proxy before `upstream` with nothing wrong with it.
    pub(super) async fn before(upstream: String) -> Self {
        let state = Arc::new(Faults {
            upstream,
            client: reqwest::Client::new(),
            calls: Mutex::default(),
            plan: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let app = Router::new().fallback(pass).with_state(state.clone());
        let (bound, when_bound) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
            bound.send(listener.local_addr().expect("an address")).expect("received");
            axum::serve(listener, app).await.expect("served");
        });
        let url = format!("http://{}", when_bound.await.expect("an address"));
        Self { url, state, runtime: Some(runtime) }
    }

    /// From now on every call goes wrong like that.
    pub(super) fn fail(&self, fault: Fault) {
        self.fail_on("", usize::MAX, fault);
    }

    /// The next `times` calls of `operation` go wrong like that.
    pub(super) fn fail_on(&self, operation: &'static str, times: usize, fault: Fault) {
        *self.state.plan.lock().expect("a plan") = Some((fault, operation, times));
    }

    /// From now on all is well.
    pub(super) fn heal(&self) {
        *self.state.plan.lock().expect("a plan") = None;
    }

    /// From now on nothing listens.
    pub(super) fn go_away(&mut self) {
        self.runtime.take().expect("it is there").shutdown_background();
    }

    /// The calls since the last time of asking, by operation.
    pub(super) fn calls(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.state.calls.lock().expect("counts"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Faults {
    fn count(&self, operation: &str) {
        *self.calls.lock().expect("counts").entry(operation.to_owned()).or_default() += 1;
    }

    fn next(&self, operation: &str) -> Option<Fault> {
        match &mut *self.plan.lock().expect("a plan") {
            Some((fault, concerned, left)) if *left > 0 && operation.contains(&**concerned) => {
                *left -= 1;
                Some(*fault)
            }
            _ => None,
        }
    }

    async fn forward(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        let mut request = self.client.post(&self.upstream).body(body);
        for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.bytes().await.expect("a body"))
    }

    /// Asks for `half` of the keys, or for none, and reports the others as unprocessed.
    async fn leave(&self, headers: &HeaderMap, body: &[u8], half: bool) -> (StatusCode, Bytes) {
        let mut asked: Value = serde_json::from_slice(body).expect("JSON");
        let mut left = asked["RequestItems"].clone();
        let tables = left.as_object_mut().expect("tables");
        for (table, keys) in tables.iter_mut() {
            let keys = keys["Keys"].as_array_mut().expect("keys");
            let done = if half { keys.drain(..keys.len().div_ceil(2)).collect() } else { Vec::new() };
            asked["RequestItems"][table]["Keys"] = json!(done);
        }
        tables.retain(|_, keys| !keys["Keys"].as_array().expect("keys").is_empty());
        if !half {
            return (StatusCode::OK, json!({ "Responses": {}, "UnprocessedKeys": left }).to_string().into());
        }
        let (status, answer) = self.forward(headers, asked.to_string().into()).await;
        let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
        answer["UnprocessedKeys"] = left;
        (status, answer.to_string().into())
    }
}

async fn pass(State(faults): State<Arc<Faults>>, headers: HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
    let operation = headers["x-amz-target"].to_str().expect("a text").rsplit('.').next().expect("a name");
    faults.count(operation);
    match faults.next(operation) {
        None => faults.forward(&headers, body).await,
        Some(Fault::Refused(exception)) => refuse(StatusCode::BAD_REQUEST, exception),
        Some(Fault::HalfDone) => faults.leave(&headers, &body, true).await,
        Some(Fault::Undone) => faults.leave(&headers, &body, false).await,
        Some(Fault::Late) => {
            tokio::time::sleep(Duration::from_millis(600)).await;
            faults.forward(&headers, body).await
        }
        Some(Fault::AnswerLost) => {
            faults.forward(&headers, body).await;
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
        Some(Fault::Slow) => {
            tokio::time::sleep(Duration::from_secs(10)).await;
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
    }
}

fn refuse(status: StatusCode, exception: &str) -> (StatusCode, Bytes) {
    let name = format!("com.amazonaws.dynamodb.v20120810#{exception}");
    (status, json!({ "__type": name, "message": "not now" }).to_string().into())
}
