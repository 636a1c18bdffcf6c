//! A booth with a proxy between its functions and its DynamoDB.

use std::path::PathBuf;

use api::{Clock, Edge, OnFailure, PlainSignatures, RateLimits, Start};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use model::{AuditAddressDays, SignedDuration};
use store::{DataKeyFile, DataKeySource, Table};
use tempfile::TempDir;
use tokenbooth::{Demo, Deployment, Embedded, Functions, Gateway, HEADER_TIMEOUT, Routes, TABLE};
use tokio::net::TcpListener;

use super::proxy::Proxy;
use crate::support::tenant::Tenant;
use crate::support::world::{ANY_PORT, World};

/// A booth whose calls to DynamoDB go through a proxy. It owns the database and the folder of the data key.
pub(super) struct ProxiedBooth {
    pub(super) world: World,
    pub(super) proxy: Proxy,
    /// The start values of its functions.
    pub(super) start: Start,
    _embedded: Embedded,
    folder: TempDir,
}

/// An empty embedded DynamoDB.
pub(super) async fn empty_dynamodb() -> Embedded {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    Embedded::serve(listener, None).expect("an empty database")
}

/// A DynamoDB client with the timeouts and retries of a function, for a proxy or another server that checks no access key.
pub(super) fn client(url: &str) -> Client {
    api::emulator_client(url, Credentials::new("test", "test", None, None, "test"))
}

/// Starts a booth with a cache of `cache` seconds. No call to DynamoDB fails yet.
pub(super) async fn booth_behind_proxy(cache: i64) -> ProxiedBooth {
    booth_with_rate_limits(cache, OnFailure::Open).await
}

/// Starts such a booth with this behavior of the rate limits when DynamoDB fails.
pub(super) async fn booth_with_rate_limits(cache: i64, failing: OnFailure) -> ProxiedBooth {
    booth_with_clock(cache, failing, Clock::system()).await
}

/// Starts such a booth with this clock.
pub(super) async fn booth_with_clock(cache: i64, failing: OnFailure, clock: Clock) -> ProxiedBooth {
    let embedded = empty_dynamodb().await;
    let proxy = Proxy::start(&embedded).await;
    let folder = TempDir::new().expect("a folder");
    let start = Start {
        table: Table::new(client(&proxy.url), TABLE),
        data_key: DataKeySource::File(DataKeyFile::at(folder.path().join("data.key"))),
        cache: SignedDuration::from_secs(cache),
        rate_limits: RateLimits::On(failing),
        admin_plain_signatures: PlainSignatures::Refused,
        clock,
        edge: Edge::default(),
        audit_address_days: AuditAddressDays::default(),
    };
    start.table.create_if_absent().await.expect("a table");
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (deployment, _) = Deployment::prepare(&start, &url, false).await.expect("prepared");
    let demo = Tenant::of(&Demo::create(&deployment, &url).await.expect("a tenant"));
    let rival = Tenant::of(&Demo::create(&deployment, &url).await.expect("a tenant"));
    serve_on(listener, &start).await;
    proxy.take_calls();
    ProxiedBooth { world: World::new(&url, demo, rival), proxy, start, _embedded: embedded, folder }
}

/// Serves all functions until the test's runtime ends. Returns their URL.
pub(super) async fn serve(start: &Start) -> String {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    serve_on(listener, start).await;
    url
}

async fn serve_on(listener: TcpListener, start: &Start) {
    let functions = Functions::boot(start).await.expect("booted");
    let routes = Routes::of_template().expect("routes");
    let gateway = Gateway::new(&routes, &functions, start.clock.clone()).expect("a gateway");
    tokio::spawn(gateway.serve(listener, HEADER_TIMEOUT, std::future::pending()));
}

impl ProxiedBooth {
    /// The file with the data key.
    pub(super) fn data_key_file(&self) -> PathBuf {
        self.folder.path().join("data.key")
    }

    /// The environment of the operator's commands.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TOKENBOOTH_TABLE", TABLE.to_owned()),
            ("TOKENBOOTH_DATA_KEY_FILE", self.data_key_file().to_string_lossy().into_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.proxy.url.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }
}
