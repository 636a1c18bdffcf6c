//! Window V: the documented requests work as printed (V1, V4).

use std::process::Command;

use serde_json::Value;

use crate::support::world::World;

/// The documented examples, and the host and key they contain.
const EXAMPLES: &str = include_str!("../../../documents/anonymous-token.sh");
const HOST: &str = "https://api.example.com";
const KEY: &str = "a1b2c3d4e5f6g7h8i9j0k";

#[tokio::test]
async fn v01_v04_the_documented_requests_work_as_printed() {
    let world = World::shared();
    let examples: Vec<_> = EXAMPLES.split("\n\n").collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        assert!(example.contains(HOST) && example.contains(KEY), "{example}");
        assert_returns_a_token(&world, example.to_owned()).await;
    }
}

#[tokio::test]
async fn v04_a_request_without_an_accept_header_gets_a_token() {
    let world = World::shared();
    let first = EXAMPLES.split("\n\n").next().expect("an example");
    assert_returns_a_token(&world, first.replace("Accept: application/json, text/plain, */*", "Accept:"))
        .await;
}

/// Runs an example with the host and key of the booth under test, and asserts that it returns a token.
async fn assert_returns_a_token(world: &World, example: String) {
    let line = example.replace(HOST, &world.url).replace(KEY, &world.demo.partner.api_key);
    let shell = tokio::task::spawn_blocking(|| Command::new("sh").arg("-c").arg(line).output());
    let output = shell.await.expect("a joined task").expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let token = answer["authorizationToken"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(token.split('.').count(), 3);
}
