//! A proxy for the embedded DynamoDB that counts calls and their units, and returns faults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokenbooth::Embedded;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Barrier, Notify};

use crate::support::world::ANY_PORT;

/// A fault of a call to DynamoDB.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// The call is answered with this exception.
    Exception(&'static str),
    /// The response comes after the timeout of every client.
    Timeout,
    /// The call is forwarded late, so that another call can be handled first.
    Delayed,
    /// The call is forwarded, and its response is replaced by an internal error.
    ResponseLost,
    /// The call is forwarded once another one has come: both are under way at the same time.
    Paired,
    /// The call is forwarded after [`Proxy::release`].
    Held,
    /// The transaction is cancelled because of a conflict with another one.
    Conflict,
    /// Half of the keys are returned as unprocessed.
    HalfUnprocessed,
    /// All keys are returned as unprocessed.
    AllUnprocessed,
}

/// The proxy. It has its own runtime, so that a shutdown closes all its connections.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) url: String,
    state: Arc<Faults>,
    runtime: Option<Runtime>,
}

#[derive(Debug)]
struct Faults {
    upstream: String,
    /// The id of the access key that `upstream` accepts.
    access_key_id: String,
    client: reqwest::Client,
    calls: Mutex<BTreeMap<String, usize>>,
    units: Mutex<BTreeMap<String, f64>>,
    plan: Mutex<Option<Plan>>,
    commits: tokio::sync::Mutex<Vec<Committed>>,
    transactions: Transactions,
    pair: Barrier,
    released: Notify,
}

/// The fault of the next `remaining` calls of `operation`, after the first `skipped` ones. An empty `operation` means all
/// operations, and [`WRITES`] those that write.
#[derive(Debug)]
struct Plan {
    fault: Fault,
    operation: &'static str,
    /// How many calls of `operation` come before.
    skipped: usize,
    remaining: usize,
}

/// The operations that write.
pub(super) const WRITES: &str = "DeleteItem PutItem TransactWriteItems UpdateItem";

impl Plan {
    fn is_for(&self, operation: &str) -> bool {
        self.operation.is_empty() || self.operation.split(' ').any(|planned| planned == operation)
    }
}

/// The items of the transactions that are under way. DynamoDB cancels a transaction that shares an item with another
/// one; the embedded DynamoDB never does.
#[derive(Debug, Default)]
struct Transactions {
    is_on: AtomicBool,
    cancelled: AtomicUsize,
    items: Mutex<BTreeSet<String>>,
}

/// How long a transaction takes.
const TRANSACTION_TIME: Duration = Duration::from_millis(10);

impl Transactions {
    /// Forwards a transaction, or cancels it.
    async fn run(&self, faults: &Faults, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        let keys = keys_of_transaction(&body);
        if let Some(cancelled) = self.begin(&keys) {
            self.cancelled.fetch_add(1, Ordering::Relaxed);
            return cancelled;
        }
        tokio::time::sleep(TRANSACTION_TIME).await;
        let answer = faults.forward(headers, body).await;
        self.items.lock().expect("items").retain(|key| !keys.contains(key));
        answer
    }

    /// Adds the items of a transaction. If one of them is under way, adds none and returns the response instead.
    fn begin(&self, keys: &[String]) -> Option<(StatusCode, Bytes)> {
        let mut items = self.items.lock().expect("items");
        if keys.iter().all(|key| !items.contains(key)) {
            items.extend(keys.iter().cloned());
            return None;
        }
        Some(cancelled_response(keys, |key| items.contains(key)))
    }
}

/// The response to a transaction whose writes of some items conflict with another transaction.
fn cancelled_response(keys: &[String], conflicts: impl Fn(&String) -> bool) -> (StatusCode, Bytes) {
    let reason = |key| if conflicts(key) { "TransactionConflict" } else { "None" };
    let reasons: Vec<_> = keys.iter().map(|key| json!({ "Code": reason(key) })).collect();
    let name = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    let body = json!({ "__type": name, "Message": "cancelled", "CancellationReasons": reasons });
    (StatusCode::BAD_REQUEST, body.to_string().into())
}

/// The partition and sort key of each item, in the order of the writes.
fn keys_of_transaction(body: &[u8]) -> Vec<String> {
    let request: Value = serde_json::from_slice(body).expect("JSON");
    let writes = request["TransactItems"].as_array().expect("writes").iter();
    let key = |write: &Value| {
        let write = write.as_object().and_then(|kinds| kinds.values().next()).expect("a write");
        let key = if write["Item"].is_null() { &write["Key"] } else { &write["Item"] };
        format!("{}|{}", key["pk"]["S"], key["sk"]["S"])
    };
    writes.map(key).collect()
}

/// A transaction that DynamoDB committed.
#[derive(Debug)]
pub(super) struct Committed(Value);

impl Committed {
    /// The client id in its audit records: who sent the change.
    pub(super) fn actor(&self) -> Option<&str> {
        let mut writes = self.0["TransactItems"].as_array()?.iter();
        writes.find_map(|write| write["Put"]["Item"]["actor"]["M"]["client_id"]["S"].as_str())
    }
}

impl Proxy {
    /// Starts a proxy that forwards all calls to `embedded`, with its access key.
    pub(super) async fn start(embedded: &Embedded) -> Self {
        let state = Arc::new(Faults {
            upstream: format!("http://{}", embedded.address()),
            access_key_id: embedded.credentials().access_key_id().to_owned(),
            client: reqwest::Client::new(),
            calls: Mutex::default(),
            units: Mutex::default(),
            plan: Mutex::default(),
            commits: tokio::sync::Mutex::default(),
            transactions: Transactions::default(),
            pair: Barrier::new(2),
            released: Notify::new(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let app = Router::new().fallback(handle).with_state(state.clone());
        let (send_address, address) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
            send_address.send(listener.local_addr().expect("an address")).expect("received");
            axum::serve(listener, app).await.expect("served");
        });
        let url = format!("http://{}", address.await.expect("an address"));
        Self { url, state, runtime: Some(runtime) }
    }

    /// Returns this fault for all calls from now on.
    pub(super) fn fail(&self, fault: Fault) {
        self.fail_on("", usize::MAX, fault);
    }

    /// Returns this fault for the next `times` calls of `operation`.
    pub(super) fn fail_on(&self, operation: &'static str, times: usize, fault: Fault) {
        self.fail_after(operation, 0, times, fault);
    }

    /// Forwards `skipped` calls of `operation`, and then returns this fault for the next `times`.
    pub(super) fn fail_after(&self, operation: &'static str, skipped: usize, times: usize, fault: Fault) {
        let plan = Plan { fault, operation, skipped, remaining: times };
        *self.state.plan.lock().expect("a plan") = Some(plan);
    }

    /// Cancels transactions that share an item with another one that is under way, from now on.
    pub(super) fn cancel_conflicts(&self) {
        self.state.transactions.is_on.store(true, Ordering::Relaxed);
    }

    /// How many transactions were cancelled because of a conflict.
    pub(super) fn cancelled(&self) -> usize {
        self.state.transactions.cancelled.load(Ordering::Relaxed)
    }

    /// Forwards all calls from now on.
    pub(super) fn stop_failing(&self) {
        *self.state.plan.lock().expect("a plan") = None;
    }

    /// Forwards one call that is held.
    pub(super) fn release(&self) {
        self.state.released.notify_one();
    }

    /// Stops the proxy and closes its port.
    pub(super) fn shut_down(&mut self) {
        self.runtime.take().expect("a running proxy").shutdown_background();
    }

    /// Returns the number of calls by operation, and resets it to zero.
    pub(super) fn take_calls(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.state.calls.lock().expect("counts"))
    }

    /// Returns the committed transactions in their order, and forgets them.
    pub(super) async fn take_commits(&self) -> Vec<Committed> {
        std::mem::take(&mut *self.state.commits.lock().await)
    }

    /// Returns the units that DynamoDB reported by operation, and resets them to zero. Leaves out the buckets of rate
    /// limits. DynamoDB reports none for a write that fails.
    pub(super) fn take_units(&self) -> BTreeMap<String, f64> {
        std::mem::take(&mut *self.state.units.lock().expect("units"))
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

    fn next_fault(&self, operation: &str) -> Option<Fault> {
        match &mut *self.plan.lock().expect("a plan") {
            Some(plan) if plan.remaining > 0 && plan.is_for(operation) => {
                if plan.skipped > 0 {
                    plan.skipped -= 1;
                    return None;
                }
                plan.remaining -= 1;
                Some(plan.fault)
            }
            _ => None,
        }
    }

    fn count_units(&self, operation: &str, request: &Value, response: &[u8]) {
        let is_bucket = |pk: &str| pk.starts_with("bucket#");
        let response: Value = serde_json::from_slice(response).expect("JSON");
        let consumed = match &response["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().collect(),
            one => vec![one],
        };
        let units: f64 = consumed.iter().filter_map(|it| it["CapacityUnits"].as_f64()).sum();
        if units > 0.0 && !request["Key"]["pk"]["S"].as_str().is_some_and(is_bucket) {
            *self.units.lock().expect("units").entry(operation.to_owned()).or_default() += units;
        }
    }

    /// Forwards the request. Transactions are forwarded one after the other, so that their order is known.
    async fn forward(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        if operation_of(headers) != "TransactWriteItems" {
            return self.send(headers, body).await;
        }
        let mut commits = self.commits.lock().await;
        let request = serde_json::from_slice(&body).expect("JSON");
        let (status, answer) = self.send(headers, body).await;
        if status.is_success() {
            commits.push(Committed(request));
        }
        (status, answer)
    }

    /// Sends the request to DynamoDB, and asks for its units.
    async fn send(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        let mut measured: Value = serde_json::from_slice(&body).expect("JSON");
        measured["ReturnConsumedCapacity"] = json!("TOTAL");
        let mut request = self.client.post(&self.upstream).body(measured.to_string());
        let scope = "20261126/us-east-1/dynamodb/aws4_request";
        let credential = format!("AWS4-HMAC-SHA256 Credential={}/{scope}", self.access_key_id);
        request = request.header("authorization", credential);
        for name in ["x-amz-target", "content-type", "x-amz-date"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let response = request.send().await.expect("a response");
        let (status, body) = (response.status(), response.bytes().await.expect("a body"));
        self.count_units(operation_of(headers), &measured, &body);
        (status, body)
    }

    /// Forwards the request for half of its keys or for none, and returns the others as unprocessed.
    async fn forward_part(&self, headers: &HeaderMap, body: &[u8], half: bool) -> (StatusCode, Bytes) {
        let mut request: Value = serde_json::from_slice(body).expect("JSON");
        let mut unprocessed = request["RequestItems"].clone();
        let tables = unprocessed.as_object_mut().expect("tables");
        for (table, request_of_table) in tables.iter_mut() {
            let keys = request_of_table["Keys"].as_array_mut().expect("keys");
            let done = if half { keys.drain(..keys.len().div_ceil(2)).collect() } else { Vec::new() };
            request["RequestItems"][table]["Keys"] = json!(done);
        }
        tables.retain(|_, keys| !keys["Keys"].as_array().expect("keys").is_empty());
        if !half {
            return (
                StatusCode::OK,
                json!({ "Responses": {}, "UnprocessedKeys": unprocessed }).to_string().into(),
            );
        }
        let (status, body) = self.forward(headers, request.to_string().into()).await;
        let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer["UnprocessedKeys"] = unprocessed;
        (status, answer.to_string().into())
    }
}

async fn handle(State(faults): State<Arc<Faults>>, headers: HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
    let operation = operation_of(&headers);
    faults.count(operation);
    match faults.next_fault(operation) {
        None if operation == "TransactWriteItems" && faults.transactions.is_on.load(Ordering::Relaxed) => {
            faults.transactions.run(&faults, &headers, body).await
        }
        None => faults.forward(&headers, body).await,
        Some(Fault::Exception(exception)) => exception_response(StatusCode::BAD_REQUEST, exception),
        Some(Fault::HalfUnprocessed) => faults.forward_part(&headers, &body, true).await,
        Some(Fault::AllUnprocessed) => faults.forward_part(&headers, &body, false).await,
        Some(Fault::Conflict) => cancelled_response(&keys_of_transaction(&body), |_| true),
        Some(Fault::Paired) => {
            faults.pair.wait().await;
            faults.forward(&headers, body).await
        }
        Some(Fault::Held) => {
            faults.released.notified().await;
            faults.forward(&headers, body).await
        }
        Some(Fault::Delayed) => {
            tokio::time::sleep(Duration::from_millis(600)).await;
            faults.forward(&headers, body).await
        }
        Some(Fault::ResponseLost) => {
            faults.forward(&headers, body).await;
            exception_response(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
        Some(Fault::Timeout) => {
            tokio::time::sleep(Duration::from_secs(10)).await;
            exception_response(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
    }
}

fn operation_of(headers: &HeaderMap) -> &str {
    headers["x-amz-target"].to_str().expect("a text").rsplit('.').next().expect("a name")
}

fn exception_response(status: StatusCode, exception: &str) -> (StatusCode, Bytes) {
    let name = format!("com.amazonaws.dynamodb.v20120810#{exception}");
    (status, json!({ "__type": name, "message": "a fault of the test" }).to_string().into())
}
