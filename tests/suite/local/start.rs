//! The start of a function: what it reads, and why it fails.

use std::time::Duration;

use std::collections::{BTreeMap, BTreeSet};

use api::Start;
use store::Lookup;
use tokenbooth::{Functions, Routes};

use super::kms::{Behavior, KmsDeployment};
use super::proxy::Fault;

/// The number of calls of DynamoDB, by operation.
fn calls<const N: usize>(calls: [(&str, usize); N]) -> BTreeMap<String, usize> {
    calls.into_iter().map(|(operation, times)| (operation.to_owned(), times)).collect()
}

#[tokio::test]
async fn every_function_reads_once_when_it_starts() {
    let deployment = KmsDeployment::new().await;
    Functions::boot(&deployment.start()).await.expect("booted");
    let (operations, connections) = deployment.kms.take();
    assert!(operations.iter().all(|operation| operation == "Decrypt"), "{operations:?}");
    assert_eq!(connections, 1, "every function uses the same client");
    let routes = Routes::of_template().expect("routes");
    let functions: BTreeSet<_> = routes.iter().map(|route| &route.function).collect();
    assert_eq!(deployment.proxy.take_calls(), calls([("BatchGetItem", functions.len())]));
}

#[tokio::test]
async fn a_start_unwraps_the_data_key_on_the_connection_that_was_opened_early() {
    let deployment = KmsDeployment::new().await;
    let boot = async |start: Start, kind: &str| match kind {
        "issuing" => start.issuing_directory().await.map(drop),
        "sealed" => start.sealed_directory().await.map(drop),
        "administering" => start.administering_directory().await.map(drop),
        _ => start.keys().await.map(drop),
    };
    for kind in ["issuing", "sealed", "administering", "keys alone"] {
        boot(deployment.start(), kind).await.expect("started");
        assert_eq!(deployment.proxy.take_calls(), calls([("BatchGetItem", 1)]), "{kind}");
        assert_eq!(deployment.kms.take(), (vec!["Decrypt".to_owned()], 1), "{kind}");
    }
}

#[tokio::test]
async fn the_connection_to_kms_is_opened_before_dynamodb_answers() {
    let deployment = KmsDeployment::new().await;
    deployment.proxy.fail(Fault::Held);
    let start = deployment.start();
    let release = async {
        let opened = tokio::time::timeout(Duration::from_secs(10), deployment.kms.wait_for_connection());
        opened.await.expect("a connection to KMS");
        deployment.proxy.release();
        std::future::pending().await
    };
    let started = tokio::select! {
        started = start.issuing_directory() => started,
        never = release => never,
    };
    started.expect("started");
}

#[tokio::test]
async fn a_start_does_not_depend_on_the_connection_that_was_opened_early() {
    let deployment = KmsDeployment::new().await;
    deployment.kms.behave(Behavior::CloseNextConnection);
    deployment.start().issuing_directory().await.expect("started");
    assert_eq!(deployment.kms.take(), (vec!["Decrypt".to_owned()], 2));
}

#[tokio::test]
async fn the_first_request_finds_in_the_cache_what_the_start_has_read() {
    let deployment = KmsDeployment::new().await;
    let start = deployment.start();
    let directory = start.issuing_directory().await.expect("started");
    deployment.proxy.take_calls();
    let mut view = directory.view(start.clock.now());
    view.fetch([Lookup::Issuer, Lookup::SigningKeys]).await.expect("read");
    assert_eq!(view.issuer().expect("an issuer").url, "https://booth.example");
    view.signing_keys().expect("signing keys");
    assert_eq!(deployment.proxy.take_calls(), calls([]));
}

#[tokio::test]
async fn a_function_for_public_data_does_not_use_kms() {
    let deployment = KmsDeployment::new().await;
    deployment.start().public_directory().await.expect("started");
    assert_eq!(deployment.proxy.take_calls(), calls([("BatchGetItem", 1)]));
    assert_eq!(deployment.kms.take(), (vec![], 0));
}

#[tokio::test]
async fn a_start_that_fails_names_the_missing_item() {
    let deployment = KmsDeployment::without_items().await;
    let failure = deployment.start_failure().await;
    assert!(failure.contains("read deployment: refused; check the table's name"), "{failure}");

    for (partition, item) in [
        ("signing-keys", "the signing keys"),
        ("issuer", "the issuer"),
        ("deployment", "the deployment's data key"),
    ] {
        let deployment = KmsDeployment::new().await;
        deployment.delete(partition).await;
        let failure = deployment.start_failure().await;
        assert_eq!(failure, format!("{item} is missing; run `tokenbooth init` for this table"));
    }
}

#[tokio::test]
async fn a_start_that_fails_at_kms_says_so() {
    let deployment = KmsDeployment::new().await;
    deployment.kms.behave(Behavior::OtherDataKey);
    let failure = deployment.start_failure().await;
    assert!(failure.contains("this is not the key the table was made with"), "{failure}");

    deployment.kms.behave(Behavior::Deny);
    let failure = deployment.start_failure().await;
    assert!(failure.contains("unwrap data key: refused"), "{failure}");
    assert!(failure.contains("AccessDeniedException"), "{failure}");
}
