//! A stand-in for KMS that records its requests and counts its connections.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_sdk_kms::config::{BehaviorVersion, Config, Credentials, Region};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::serve::Listener;
use data_encoding::BASE64;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::world::ANY_PORT;

/// The id of its one key.
pub(super) const KEY_ID: &str = "test-key";

/// The stand-in. It serves until the test's runtime ends.
#[derive(Debug)]
pub(super) struct Kms {
    url: String,
    state: Arc<KmsState>,
}

#[derive(Debug)]
struct KmsState {
    behavior: Mutex<Behavior>,
    /// The operations since the last look.
    operations: Mutex<Vec<String>>,
    /// The number of connections since the last look.
    connections: watch::Sender<usize>,
}

/// What the stand-in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behavior {
    /// The data key.
    Answer,
    /// Another data key.
    OtherDataKey,
    /// A refusal.
    Deny,
    /// It closes the next connection at once, then answers.
    CloseNextConnection,
}

/// Counts the connections, and closes the one that it is told to close.
struct CountingListener {
    listener: TcpListener,
    state: Arc<KmsState>,
}

impl Kms {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(KmsState {
            behavior: Mutex::new(Behavior::Answer),
            operations: Mutex::default(),
            connections: watch::Sender::new(0),
        });
        let app = Router::new().fallback(handle).with_state(state.clone());
        let listener = CountingListener { listener, state: state.clone() };
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// A client without connections.
    pub(super) fn client(&self) -> store::Kms {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(&self.url);
        store::Kms::new(config).expect("a client")
    }

    /// Behaves in this way from now on.
    pub(super) fn behave(&self, behavior: Behavior) {
        *self.state.behavior.lock().expect("a behavior") = behavior;
    }

    /// Waits for a connection since the last look.
    pub(super) async fn wait_for_connection(&self) {
        self.state.connections.subscribe().wait_for(|count| *count > 0).await.expect("a connection");
    }

    /// Returns the operations and the number of connections since the last call.
    pub(super) fn take(&self) -> (Vec<String>, usize) {
        let operations = std::mem::take(&mut *self.state.operations.lock().expect("operations"));
        (operations, self.state.connections.send_replace(0))
    }
}

impl Listener for CountingListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = Listener::accept(&mut self.listener).await;
            self.state.connections.send_modify(|count| *count += 1);
            let mut behavior = self.state.behavior.lock().expect("a behavior");
            if *behavior != Behavior::CloseNextConnection {
                return accepted;
            }
            *behavior = Behavior::Answer;
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn handle(State(state): State<Arc<KmsState>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().expect("a text");
    let operation = target.strip_prefix("TrentService.").expect("KMS's prefix");
    state.operations.lock().expect("operations").push(operation.to_owned());
    let data_key = match *state.behavior.lock().expect("a behavior") {
        Behavior::Deny => {
            let refusal = json!({ "__type": "AccessDeniedException" });
            return (StatusCode::BAD_REQUEST, refusal.to_string());
        }
        Behavior::OtherDataKey => [8; 32],
        Behavior::Answer | Behavior::CloseNextConnection => [7; 32],
    };
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(request["EncryptionContext"]["tokenbooth:table"], tokenbooth::TABLE);
    let wrapped = BASE64.encode(b"the wrapped data key");
    let answer = json!({ "KeyId": KEY_ID, "Plaintext": BASE64.encode(&data_key), "CiphertextBlob": wrapped });
    (StatusCode::OK, answer.to_string())
}
