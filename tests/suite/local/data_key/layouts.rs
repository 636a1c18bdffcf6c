//! Tables of older and newer versions.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use crypto::{DataKey, HashKey};
use store::{DataKeySource, Rotation, RotationStep, Table};
use tokenbooth::{Deployment, TABLE};

use crate::local::embedded::empty_dynamodb;
use crate::local::kms::{KEY_ID, Kms, KmsDeployment, text};
use crate::local::process::{command, error_message, run, stdout};

const COPY: &str = "tokenbooth-copy";

/// Every label that ids are made with.
const LABELS: [&str; 6] = [
    "list cursor",
    "window S device",
    "window S event",
    "window S identity",
    "window S user",
    "window V user",
];

/// A table of the first layout, whose data key is wrapped for the name of the table. Returns the data key as well.
async fn first_layout() -> (KmsDeployment, [u8; 32]) {
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
    (deployment, bytes)
}

#[tokio::test]
async fn a10_a_table_of_the_first_layout_keeps_its_ids_and_its_layout() {
    let (deployment, bytes) = first_layout().await;
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

/// The stack has one name for its deployment, and its functions decrypt a data key for no other.
#[tokio::test]
async fn a10_a_rotation_gives_a_deployment_without_a_name_no_name_by_mistake() {
    let (deployment, _) = first_layout().await;
    Deployment::prepare(&deployment.start(), "https://booth.example", false).await.expect("prepared");
    let before = deployment.item("deployment").await;
    let rotate = async |arguments: &[&str]| {
        let mut rotate = command(["rotate-data-key", "--kms-key-id", KEY_ID].iter().chain(arguments));
        rotate.envs(deployment.environment());
        run(rotate).await
    };
    let error = error_message(&rotate(&["--deployment", "a mistake"]).await);
    assert!(error.contains("this deployment has no name yet") && error.contains("--give-name"), "{error}");
    assert_eq!(deployment.item("deployment").await, before);

    let start = deployment.start();
    let added = Rotation::new(&start.table, &start.data_key).naming().advance(start.clock.now()).await;
    assert_eq!(added.expect("a step"), RotationStep::Added);
    start.issuing_directory().await.expect("functions start");
    let cancelled = rotate(&["--cancel"]).await;
    assert!(cancelled.status.success(), "{cancelled:?}");
    let error = error_message(&rotate(&["--deployment", "a mistake"]).await);
    assert!(error.contains("this deployment has no name yet"), "it has layout 2 now: {error}");
}

#[tokio::test]
async fn a10_a_rotation_refuses_another_name_than_the_deployment_has() {
    let deployment = KmsDeployment::new().await;
    let before = deployment.item("deployment").await;
    let arguments = ["rotate-data-key", "--kms-key-id", KEY_ID, "--deployment", "a mistake", "--give-name"];
    let mut rotate = command(arguments);
    rotate.envs(deployment.environment());
    let error = error_message(&run(rotate).await);
    assert!(error.contains("the name of this deployment is a deployment, not a mistake"), "{error}");
    assert_eq!(deployment.item("deployment").await, before);
}

#[tokio::test]
async fn a10_a_copy_of_the_first_layout_opens_with_the_name_of_its_original_table() {
    let (deployment, _) = first_layout().await;
    Deployment::prepare(&deployment.start(), "https://booth.example", false).await.expect("prepared");
    let dynamodb = deployment.copy_table(COPY).await;
    let restore = async |arguments: &[&str]| {
        let mut restore =
            command(["restore", "--kms-key-id", KEY_ID, "--table", COPY].iter().chain(arguments));
        restore.envs(deployment.environment());
        run(restore).await
    };
    for wrong in [&[][..], &["--original-table", "another"]] {
        let error = error_message(&restore(wrong).await);
        assert!(error.contains("InvalidCiphertextException"), "{error}");
    }
    let output = restore(&["--original-table", TABLE, "--current", TABLE]).await;
    assert!(output.status.success(), "{output:?}");
    assert!(stdout(&output).contains("this copy can be used"), "{output:?}");

    // After a rotation the data key has no name of a table, and the copy opens without one.
    let mut start = api::Start { table: Table::new(dynamodb, COPY), ..deployment.start() };
    if let DataKeySource::Kms { original_table, .. } = &mut start.data_key {
        *original_table = Some(TABLE.to_owned());
    }
    let mut rotation = Rotation::new(&start.table, &start.data_key).naming();
    let mut now = start.clock.now();
    loop {
        match rotation.advance(now).await.expect("a step") {
            RotationStep::Wait { until } => now = until,
            RotationStep::Finished => break,
            _ => {}
        }
    }
    let output = restore(&[]).await;
    assert!(output.status.success(), "{output:?}");
}
