//! A web page in the developer's browser calls the embedded DynamoDB, which listens on loopback, and wants to read the
//! table or to write an administrator's key into it.

use aws_sdk_dynamodb::config::Credentials;
use reqwest::{RequestBuilder, StatusCode};
use tokenbooth::{Booth, Embedded};

use crate::local::embedded::empty_dynamodb;
use crate::support::world::options;

/// A call of the operation as a web page sends it: it knows the address and no access key.
fn scan(embedded: &Embedded, access_key_id: &str) -> RequestBuilder {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key_id}/20261126/us-east-1/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    reqwest::Client::new()
        .post(format!("http://{}/", embedded.address()))
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261126T000000Z")
        .header("authorization", authorization)
        .body("{}")
}

#[tokio::test]
async fn a_guessed_access_key_is_refused() {
    let embedded = empty_dynamodb().await;
    let key = embedded.credentials();
    for (id, expected) in [
        ("local", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        (&key.access_key_id()[1..], StatusCode::BAD_REQUEST),
        (key.access_key_id(), StatusCode::OK),
    ] {
        let answer = scan(&embedded, id).send().await.expect("a response");
        assert_eq!(answer.status(), expected, "{id:?}");
        let text = answer.text().await.expect("a text");
        assert_eq!(text.contains("TableNames"), expected == StatusCode::OK, "{text}");
        assert!(!text.contains(key.access_key_id()), "{text}");
    }
    let guessed = Credentials::new("local", "local", None, None, "test");
    let client = api::emulator_client(format!("http://{}", embedded.address()), guessed);
    assert!(client.list_tables().send().await.is_err(), "the SDK with another key");
}

#[tokio::test]
async fn a_page_is_refused_even_with_the_access_key() {
    let embedded = empty_dynamodb().await;
    let id = embedded.credentials().access_key_id().to_owned();
    let own = format!("http://{}", embedded.address());
    for origin in ["https://attacker.example", "null", &own] {
        let answer = scan(&embedded, &id).header("origin", origin).send().await.expect("a response");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
        assert!(answer.headers().get("access-control-allow-origin").is_none(), "{origin}");
    }
    let port = embedded.address().port();
    for host in ["attacker.example", &format!("attacker.example:{port}"), "127.0.0.1:1"] {
        let answer = scan(&embedded, &id).header("host", host).send().await.expect("a response");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{host}");
    }
    scan(&embedded, &id).send().await.expect("a response").error_for_status().expect("without both");
}

#[tokio::test]
async fn a_preflight_allows_nothing() {
    let embedded = empty_dynamodb().await;
    let client = reqwest::Client::new();
    let preflight = client.request(reqwest::Method::OPTIONS, format!("http://{}/", embedded.address()));
    let preflight = preflight.header("origin", "https://attacker.example");
    let answer =
        preflight.header("access-control-request-headers", "x-amz-target").send().await.expect("a response");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    for (name, _) in answer.headers() {
        assert!(!name.as_str().starts_with("access-control-"), "{name}");
    }
}

#[tokio::test]
async fn the_access_key_is_new_at_each_start_and_only_in_function_env() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let mut keys = Vec::new();
    for _ in 0..2 {
        let booth = Booth::open(tokenbooth::Options { data: Some(data.clone()), ..options() })
            .await
            .expect("a booth");
        let key = booth.dynamodb_credentials().access_key_id().to_owned();
        for file in std::fs::read_dir(&data).expect("a folder") {
            let path = file.expect("an entry").path();
            let holds_key = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).contains(&key);
            assert_eq!(holds_key, path.ends_with("function.env"), "{}", path.display());
        }
        assert!(!format!("{booth:?}").contains(&key), "in Debug");
        keys.push(key);
        booth.run(std::future::ready(())).await;
    }
    assert_ne!(keys[0], keys[1]);
}
