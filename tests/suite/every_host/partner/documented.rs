//! Window V: the requests that its clients were given, run as they are printed (V1, V4).

use std::process::Command;

use serde_json::Value;

use crate::support::world::World;

/// The examples, with the host and the key that stand in them.
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
        is_answered(&world, example.to_owned()).await;
    }
}

#[tokio::test]
async fn v04_a_request_without_an_accept_header_gets_a_token() {
    let world = World::shared();
    let first = EXAMPLES.split("\n\n").next().expect("an example");
    is_answered(&world, first.replace("Accept: application/json, text/plain, */*", "Accept:")).await;
}

/// Runs an example with host and key replaced.
async fn is_answered(world: &World, example: String) {
    let line = example.replace(HOST, &world.url).replace(KEY, &world.demo.partner.api_key);
    let output = tokio::task::spawn_blocking(|| Command::new("sh").arg("-c").arg(line).output());
    let output = output.await.expect("waited for").expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let token = answer["authorizationToken"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(token.split('.').count(), 3);
}
