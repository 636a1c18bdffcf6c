//! A client opens connections and sends headers or bodies that never end, and wants to keep others from being answered.

use std::time::Duration;

use reqwest::Method;
use tokenbooth::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::world::{World, options};

/// A request whose body never ends.
const SLOW_BODY: &str = "POST /v1/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";

#[tokio::test]
async fn a_connection_without_a_whole_request_is_closed() {
    let world = World::own(Options { header_timeout: Duration::from_millis(200), ..options() });
    let address = world.url.trim_start_matches("http://").to_owned();
    let mut connections = Vec::new();
    for beginning in ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", SLOW_BODY].repeat(20) {
        let mut connection = TcpStream::connect(&address).await.expect("connected");
        connection.write_all(beginning.as_bytes()).await.expect("sent");
        connections.push((beginning, connection));
    }
    world.call(Method::GET, "/.well-known/jwks.json").send().await.expect(200);
    for (beginning, mut connection) in connections {
        let mut answer = Vec::new();
        // The end of the connection, by an end of file or by a reset. The test would wait for ever for a held one.
        let ended = tokio::time::timeout(Duration::from_secs(60), connection.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "still open after {beginning:?}");
        let text = String::from_utf8_lossy(&answer);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    }
}
