//! Tables of older and newer versions.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use crypto::{DataKey, HashKey};
use store::Table;
use tokenbooth::{Deployment, TABLE};

use crate::local::embedded::empty_dynamodb;
use crate::local::kms::{Kms, KmsDeployment, text};

/// Every label that ids are made with.
const LABELS: [&str; 6] = [
    "list cursor",
    "window S device",
    "window S event",
    "window S identity",
    "window S user",
    "window V user",
];

#[tokio::test]
async fn a10_a_table_of_the_first_layout_keeps_its_ids_and_its_layout() {
    let (kms, embedded) = (Kms::start().await, empty_dynamodb().await);
    let dynamodb = embedded.client();
    let (bytes, wrapped) = kms.generate(&[("tokenbooth:table", TABLE)]);
    let fingerprint = DataKey::new(&bytes).expect("a key").fingerprint().to_owned();
    let deployment = KmsDeployment::of(kms, embedded, "a deployment").await;
    deployment.start().table.create_if_absent().await.expect("a table");
    let put =
        dynamodb.put_item().table_name(TABLE).item("pk", text("deployment")).item("sk", text("deployment"));
    let put = put.item("fingerprint", text(&fingerprint)).item("created_at", text("2026-01-02T03:04:05Z"));
    put.item("wrapped", AttributeValue::B(Blob::new(wrapped))).send().await.expect("a first layout");

    let before = deployment.item("deployment").await;
    Deployment::prepare(&deployment.start(), "https://booth.example", false).await.expect("prepared");
    let keys = deployment.start().keys().await.expect("keys");
    let expected = HashKey::derive(&bytes[..]).expect("a hash key");
    for label in LABELS {
        let parts = ["a", "bc"];
        assert_eq!(keys.hash_key().keyed_hash(label, &parts), expected.keyed_hash(label, &parts), "{label}");
    }
    assert_eq!(deployment.item("deployment").await, before, "functions of the older version still read it");
    let sealed = keys.data_keys().seal(b"x", "p").expect("sealed");
    assert_eq!(sealed.as_bytes()[0], 1, "functions of the older version still open new values");
}

#[tokio::test]
async fn a10_each_start_gets_the_same_hash_key() {
    let deployment = KmsDeployment::new().await;
    let hash = async || {
        let keys = deployment.start().keys().await.expect("keys");
        keys.hash_key().keyed_hash("window V user", &["a"])
    };
    let first = hash().await;
    assert_eq!(hash().await, first);
    assert_ne!(
        KmsDeployment::new()
            .await
            .start()
            .keys()
            .await
            .expect("keys")
            .hash_key()
            .keyed_hash("window V user", &["a"]),
        first
    );
}

#[tokio::test]
async fn a10_a_function_does_not_start_on_a_newer_layout() {
    let deployment = KmsDeployment::new().await;
    deployment.set("deployment", "layout", AttributeValue::N("3".to_owned())).await;
    assert_eq!(
        deployment.start_failure().await,
        "the table has layout 3, and this version knows up to 2; deploy the newer version"
    );
}

#[tokio::test]
async fn a10_a_copy_under_another_name_opens_and_its_ids_are_the_same() {
    let deployment = KmsDeployment::new().await;
    let copy = deployment.copy_table("tokenbooth-copy").await;
    let keys = deployment.start().keys().await.expect("keys");
    let start = api::Start { table: Table::new(copy, "tokenbooth-copy"), ..deployment.start() };
    let of_copy = start.keys().await.expect("the copy opens");
    let hash = |keys: &store::DeploymentKeys| keys.hash_key().keyed_hash("window V user", &["a"]);
    assert_eq!(hash(&of_copy), hash(&keys));
}
