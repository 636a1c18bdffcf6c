//! A stand-in for a bucket of S3 that knows conditional writes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use tokio::net::TcpListener;

use crate::support::world::ANY_PORT;

/// The name of the bucket.
pub(super) const NAME: &str = "the-archive";

/// The stand-in. It serves until the test's runtime ends.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) url: String,
    state: Arc<Mutex<Objects>>,
}

#[derive(Debug, Default)]
struct Objects {
    /// The bodies by key.
    bodies: BTreeMap<String, String>,
    /// How many more objects it stores before it fails. `None` means that it does not fail.
    room: Option<usize>,
    /// The number of writes that found their object.
    refused: usize,
}

impl Bucket {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::<Mutex<Objects>>::default();
        let app = Router::new().fallback(handle).with_state(state.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// The objects by key.
    pub(super) fn objects(&self) -> BTreeMap<String, String> {
        self.state.lock().expect("objects").bodies.clone()
    }

    /// Fails after so many more objects, or never.
    pub(super) fn fail_after(&self, room: Option<usize>) {
        self.state.lock().expect("objects").room = room;
    }

    /// How many writes found their object.
    pub(super) fn refused(&self) -> usize {
        self.state.lock().expect("objects").refused
    }
}

/// S3 answers 412 to a conditional write if the object exists (S3 API Reference, *PutObject*).
async fn handle(
    State(state): State<Arc<Mutex<Objects>>>,
    (method, uri): (Method, Uri),
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut objects = state.lock().expect("objects");
    let key = uri.path().strip_prefix(&format!("/{NAME}/")).expect("a path with the bucket").to_owned();
    let is_checked = headers.keys().any(|name| name.as_str().starts_with("x-amz-checksum-"));
    if method != Method::PUT || !is_checked || headers.get("if-none-match").is_none_or(|it| it != "*") {
        return StatusCode::NOT_IMPLEMENTED;
    }
    if objects.room == Some(0) {
        return StatusCode::FORBIDDEN;
    }
    if objects.bodies.contains_key(&key) {
        objects.refused += 1;
        return StatusCode::PRECONDITION_FAILED;
    }
    objects.room = objects.room.map(|room| room - 1);
    objects.bodies.insert(key, String::from_utf8(body.to_vec()).expect("UTF-8"));
    StatusCode::OK
}
