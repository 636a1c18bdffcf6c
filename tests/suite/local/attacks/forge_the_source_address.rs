//! An attacker wants another address in tokens, in the audit log and in the log lines: to hide, or to get past limits that
//! count by address (V7). The edge sets the address in a header, so a client can send that header as well.

use std::fs::File;
use std::process::Stdio;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::local::process::{Process, command, serve_arguments};
use crate::support::jwt;
use crate::support::partner::{Partner, site_token_path};
use crate::support::world::World;

const SECRET_HEADER: &str = "x-tokenbooth-origin-secret";
const ADDRESS_HEADER: &str = "x-tokenbooth-viewer-address";

/// The address of the test's own connections: what a forged header must not replace.
const GATEWAY: &str = "127.0.0.1";
const VIEWER: &str = "203.0.113.7";
const OLD: &str = "old-origin-secret-of-the-edge";
const NEW: &str = "new-origin-secret-of-the-edge";

/// A booth behind an edge with two origin secrets, with its log in a file.
struct EdgeBooth {
    folder: TempDir,
    process: Process,
    world: World,
}

impl EdgeBooth {
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        let mut serve = command(serve_arguments(&data));
        serve.args(["--log", "json"]).envs(variables.iter().copied());
        serve.stdout(Stdio::null()).stderr(File::create(data.with_extension("log")).expect("a file"));
        let process = Process::start_with(&data, serve);
        let world = process.world();
        Self { folder, process, world }
    }

    /// The address in a token of window V that is requested with these headers.
    async fn address(&self, headers: &[(&str, &str)]) -> String {
        let partner = &self.world.demo.partner;
        let call = self.world.post(&site_token_path(&partner.site, "app-1"));
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        let answer = call.header("x-api-key", &partner.api_key).send().await.expect(200);
        let claims = jwt::claims(&answer.text_at("authorizationToken"));
        claims["ipaddresses"].as_str().expect("an address").to_owned()
    }

    /// Ends the booth and returns its log.
    fn log(self) -> String {
        assert!(self.process.stop("TERM").success());
        std::fs::read_to_string(self.folder.path().join("data.log")).expect("a log")
    }
}

fn digest(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret))
}

fn both_digests() -> String {
    format!("{},{}", digest(OLD), digest(NEW))
}

#[tokio::test]
async fn v07_only_the_origin_secret_makes_the_address_header_count() {
    let digests = both_digests();
    let booth = EdgeBooth::start(&[("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &digests)]);
    for secret in [OLD, NEW] {
        let address = booth.address(&[(SECRET_HEADER, secret), (ADDRESS_HEADER, VIEWER)]).await;
        assert_eq!(address, VIEWER, "the edge with {secret}");
    }
    let forged: [(&str, &[(&str, &str)]); 7] = [
        ("no secret", &[(ADDRESS_HEADER, VIEWER)]),
        ("an empty secret", &[(SECRET_HEADER, ""), (ADDRESS_HEADER, VIEWER)]),
        ("a wrong secret", &[(SECRET_HEADER, "guessed"), (ADDRESS_HEADER, VIEWER)]),
        ("the digest for the secret", &[(SECRET_HEADER, &digest(OLD)), (ADDRESS_HEADER, VIEWER)]),
        ("both digests", &[(SECRET_HEADER, &digests), (ADDRESS_HEADER, VIEWER)]),
        ("two secrets", &[(SECRET_HEADER, "guessed"), (SECRET_HEADER, OLD), (ADDRESS_HEADER, VIEWER)]),
        ("other headers", &[("x-forwarded-for", VIEWER), ("cloudfront-viewer-address", VIEWER)]),
    ];
    for (case, headers) in forged {
        assert_eq!(booth.address(headers).await, GATEWAY, "{case}");
    }
}

#[tokio::test]
async fn v07_an_address_that_is_none_is_not_used_even_with_the_secret() {
    let booth = EdgeBooth::start(&[("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &both_digests())]);
    for malformed in ["", "localhost", "203.0.113.7:443", "203.0.113.7, 203.0.113.8", "203.0.113.256", "a\"b"]
    {
        let address = booth.address(&[(SECRET_HEADER, NEW), (ADDRESS_HEADER, malformed)]).await;
        assert_eq!(address, GATEWAY, "{malformed}");
    }
    let twice = [(SECRET_HEADER, NEW), (ADDRESS_HEADER, VIEWER), (ADDRESS_HEADER, "203.0.113.8")];
    assert_eq!(booth.address(&twice).await, GATEWAY, "two headers");
    assert_eq!(booth.address(&[(SECRET_HEADER, NEW)]).await, GATEWAY, "no header");
    let ipv6 = [(SECRET_HEADER, NEW), (ADDRESS_HEADER, "2001:DB8:0:0::7")];
    assert_eq!(booth.address(&ipv6).await, "2001:db8::7", "one address has one text");
}

#[tokio::test]
async fn v07_without_digests_no_secret_counts() {
    let booth = EdgeBooth::start(&[]);
    for secret in ["", OLD] {
        let address = booth.address(&[(SECRET_HEADER, secret), (ADDRESS_HEADER, VIEWER)]).await;
        assert_eq!(address, GATEWAY, "{secret:?}");
    }
}

/// The address of the browser for which a partner's server requests a token.
const BROWSER: &str = "198.51.100.7";

/// The address in a token that a server of the partner requests with these headers.
async fn address_for(booth: &EdgeBooth, partner: &Partner, headers: &[(&str, &str)]) -> String {
    let call = partner.token_call(&booth.world, "browser-1");
    let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    let claims = jwt::claims(&call.send().await.expect(200).text_at("authorizationToken"));
    claims["ipaddresses"].as_str().expect("an address").to_owned()
}

#[tokio::test]
async fn v10_a_caller_forges_no_address_through_a_trusted_forwarder() {
    let booth = EdgeBooth::start(&[("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &both_digests())]);
    let account = &booth.world.demo.account_id;
    let trusted = serde_json::json!({ "trusted_forwarder": true });
    let trusted = Partner::with_fields(&booth.world, account, trusted).await;
    let other = Partner::new(&booth.world, account).await;
    let edge = [(SECRET_HEADER, NEW), (ADDRESS_HEADER, VIEWER)];
    for (case, header, direct, behind_edge) in [
        ("the browser's", "198.51.100.7", BROWSER, BROWSER),
        ("forged before it", "192.0.2.66, 198.51.100.7", BROWSER, BROWSER),
        ("forged as the gateway's", "127.0.0.1, 198.51.100.7", BROWSER, BROWSER),
        ("with a port", "198.51.100.7:4711", BROWSER, BROWSER),
        ("of the edge", "198.51.100.7, 203.0.113.7", VIEWER, BROWSER),
        ("none left", "203.0.113.7", VIEWER, VIEWER),
        ("a name", "192.0.2.66, unknown", GATEWAY, VIEWER),
        ("empty", "192.0.2.66, ", GATEWAY, VIEWER),
    ] {
        let forwarded = ("x-forwarded-for", header);
        assert_eq!(address_for(&booth, &trusted, &[forwarded]).await, direct, "{case}");
        let through_edge = [forwarded, edge[0], edge[1]];
        assert_eq!(address_for(&booth, &trusted, &through_edge).await, behind_edge, "{case}, edge");
        assert_eq!(address_for(&booth, &other, &[forwarded]).await, GATEWAY, "{case}, not trusted");
        assert_eq!(address_for(&booth, &other, &through_edge).await, VIEWER, "{case}, not trusted, edge");
    }
    let twice = [("x-forwarded-for", "192.0.2.66"), ("x-forwarded-for", BROWSER)];
    assert_eq!(address_for(&booth, &trusted, &twice).await, BROWSER, "several headers");
    assert_eq!(address_for(&booth, &trusted, &[]).await, GATEWAY, "no header");
    let log = booth.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"));
    let sources =
        lines.filter(|line| line["function"] == "anonymous-token").map(|line| line["source_ip"].clone());
    let sources: Vec<_> = sources.filter(|source| source.is_string()).collect();
    assert!(sources.len() > 30, "{}", sources.len());
    assert!(sources.iter().all(|source| *source == GATEWAY || *source == VIEWER), "{sources:?}");
}

#[tokio::test]
async fn v07_the_log_has_the_address_and_never_the_secret() {
    let booth = EdgeBooth::start(&[("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &both_digests())]);
    let world = &booth.world;
    let (_, path) = world.create_provider(&world.demo.account_id).await;
    for secret in [NEW, "guessed-origin-secret"] {
        let call = world.post(&path).header(SECRET_HEADER, secret).header(ADDRESS_HEADER, VIEWER);
        call.signed(&world.demo.api_key).send().await.expect(200);
        let call = world.get("/v1/nowhere").header(SECRET_HEADER, secret).header(ADDRESS_HEADER, "forged");
        call.send().await.expect(404);
    }
    let log = booth.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"));
    let answered = lines.filter(|line| line["function"] == "secure-anonymous-token");
    let addresses: Vec<_> =
        answered.filter_map(|line| line["source_ip"].as_str().map(str::to_owned)).collect();
    assert_eq!(addresses, [VIEWER, GATEWAY]);
    for hidden in [NEW, "guessed-origin-secret", "forged", &digest(NEW)] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

#[tokio::test]
async fn a_deployment_that_requires_the_edge_refuses_every_other_request() {
    let digests = both_digests();
    let booth = EdgeBooth::start(&[
        ("TOKENBOOTH_ORIGIN_SECRET_DIGESTS", &digests),
        ("TOKENBOOTH_REQUIRE_ORIGIN_SECRET", "true"),
    ]);
    let world = &booth.world;
    let redeem = |secret: &str| {
        let call = world.post("/v1/token").header(SECRET_HEADER, secret).header(ADDRESS_HEADER, VIEWER);
        call.json(&serde_json::json!({ "apiKey": world.demo.api_key.encoded })).send()
    };
    for secret in [OLD, NEW] {
        redeem(secret).await.expect(200);
    }
    for secret in ["", "guessed", &digest(NEW)] {
        assert_eq!(redeem(secret).await.expect(403).json["errorCode"], "edge_required", "{secret}");
    }
    world.get("/.well-known/jwks.json").send().await.expect_problem(403, "edge_required");
    let device = world.request_device_token("app-1").await.expect(403);
    assert_eq!(device.json, serde_json::json!({ "error": "Edge required" }));
}
