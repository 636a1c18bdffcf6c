//! A booth put together from its parts, its functions on one side of a proxy and its DynamoDB on the other.

use api::{Clock, OnFailure, RateLimits, Start};
use aws_sdk_dynamodb::Client;
use model::SignedDuration;
use store::{DataKeyFile, DataKeySource, Table};
use tempfile::TempDir;
use tokenbooth::{Demo, Deployment, Embedded, Functions, Gateway, Routes, TABLE};
use tokio::net::TcpListener;

use super::proxy::Proxy;
use crate::support::tenant::Tenant;
use crate::support::world::{ANY_PORT, World};

/// A world, what may fail under it, and what must outlive it.
pub(super) struct Fragile {
    pub(super) world: World,
    pub(super) proxy: Proxy,
    _embedded: Embedded,
    _folder: TempDir,
}

/// The embedded DynamoDB alone, empty.
pub(super) async fn empty() -> Embedded {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    Embedded::serve(listener, None).expect("an empty database")
}

/// A client with the timeouts of a function.
pub(super) fn client(url: &str) -> Client {
    api::emulator_client(url)
}

/// A booth that remembers reads for `cache` seconds, with nothing wrong yet.
pub(super) async fn fragile(cache: i64) -> Fragile {
    failing(cache, OnFailure::Open).await
}

/// The same, with rate limits that fail like that.
pub(super) async fn failing(cache: i64, failing: OnFailure) -> Fragile {
    let embedded = empty().await;
    let proxy = Proxy::before(format!("http://{}", embedded.address())).await;
    let folder = TempDir::new().expect("a folder");
    let start = Start {
        table: Table::new(client(&proxy.url), TABLE),
        data_key: DataKeySource::File(DataKeyFile::at(folder.path().join("data.key"))),
        cache: SignedDuration::from_secs(cache),
        rate_limits: RateLimits::On(failing),
        clock: Clock::system(),
    };
    start.table.create_if_absent().await.expect("a table");
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (deployment, _) = Deployment::prepare(&start, &url, false).await.expect("prepared");
    let demo = Tenant::of(&Demo::create(&deployment, &url).await.expect("a tenant"));
    let rival = Tenant::of(&Demo::create(&deployment, &url).await.expect("a tenant"));
    let functions = Functions::boot(&start).await.expect("booted");
    let routes = Routes::of_template().expect("routes");
    let gateway = Gateway::new(&routes, &functions, start.clock.clone()).expect("a gateway");
    tokio::spawn(gateway.serve(listener, std::future::pending()));
    proxy.calls();
    Fragile { world: World::new(&url, demo, rival), proxy, _embedded: embedded, _folder: folder }
}
