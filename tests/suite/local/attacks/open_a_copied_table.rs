//! An attacker has a copy of the table, or may write to the table, and wants the secrets in it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use store::{Lookup, StoreError, Table};

use crate::local::kms::{Behavior, KmsDeployment, text};

const COPY: &str = "tokenbooth-copy";

#[tokio::test]
async fn a10_a_copy_opens_nothing_without_the_kms_key() {
    let deployment = KmsDeployment::new().await;
    let copy = Table::new(deployment.copy_table(COPY).await, COPY);
    deployment.kms.behave(Behavior::Deny);
    let start = api::Start { table: copy, ..deployment.start() };
    let failure = api::causes(&start.issuing_directory().await.expect_err("a failure"));
    assert!(failure.contains("AccessDeniedException"), "{failure}");
}

#[tokio::test]
async fn a10_a_data_key_opens_only_for_the_name_of_its_deployment() {
    let deployment = KmsDeployment::new().await;
    let mut item = deployment.item("deployment").await.expect("an item");
    let AttributeValue::L(keys) = item.get_mut("data_keys").expect("data keys") else { panic!("a list") };
    let AttributeValue::M(key) = &mut keys[0] else { panic!("a map") };
    let AttributeValue::M(wrapped) = key.get_mut("wrapped").expect("a wrapped key") else { panic!("a map") };
    let other = [("name".to_owned(), text("tokenbooth:deployment")), ("value".to_owned(), text("another"))];
    wrapped.insert("context".to_owned(), AttributeValue::M(HashMap::from(other)));
    let keys = AttributeValue::L(keys.clone());
    deployment.set("deployment", "data_keys", keys).await;
    let failure = deployment.start_failure().await;
    assert!(failure.contains("InvalidCiphertextException"), "{failure}");
}

#[tokio::test]
async fn a10_a_sealed_value_does_not_open_in_another_item_or_deployment() {
    let (deployment, other) = (KmsDeployment::new().await, KmsDeployment::new().await);
    let foreign = other.item("signing-keys").await.expect("signing keys")["keys"].clone();
    let own = deployment.item("signing-keys").await.expect("signing keys")["keys"].clone();
    let AttributeValue::L(mut swapped) = own.clone() else { panic!("a list") };
    let private = |key: &AttributeValue| key.as_m().expect("a map")["private"].clone();
    let moved = private(&swapped[0]);
    let AttributeValue::M(second) = &mut swapped[1] else { panic!("a map") };
    second.insert("private".to_owned(), moved);
    for (case, keys) in
        [("from another deployment", foreign), ("of another key of the item", AttributeValue::L(swapped))]
    {
        deployment.set("signing-keys", "keys", keys).await;
        let failure = deployment.start_failure().await;
        assert!(failure.contains("does not open"), "{case}: {failure}");
    }
    deployment.set("signing-keys", "keys", own).await;
    deployment.start().issuing_directory().await.expect("the values of the deployment open in their places");
}

/// Values that name an unknown data key must not cause a call of KMS each.
#[tokio::test]
async fn a10_garbage_that_names_unknown_data_keys_causes_no_calls_of_kms() {
    let deployment = KmsDeployment::new().await;
    let start = deployment.start();
    let directory = start.administering_directory().await.expect("started");
    let mut keys = deployment.item("signing-keys").await.expect("signing keys")["keys"].clone();
    let AttributeValue::L(list) = &mut keys else { panic!("a list") };
    let AttributeValue::M(key) = &mut list[0] else { panic!("a map") };
    let AttributeValue::B(private) = key["private"].clone() else { panic!("bytes") };
    let mut garbage = private.into_inner();
    garbage[1] ^= 1; // the id of the data key
    key.insert("private".to_owned(), AttributeValue::B(garbage.into()));
    deployment.set("signing-keys", "keys", keys).await;
    deployment.set("signing-keys", "version", AttributeValue::N("2".to_owned())).await;
    deployment.kms.take();
    deployment.proxy.take_calls();
    let now = start.clock.now();
    for second in 0..60 {
        let mut view = directory.view(now + model::SignedDuration::from_secs(second));
        let failed = view.fetch([Lookup::SigningKeys]).await;
        assert!(matches!(failed, Err(StoreError::Damaged { .. })), "{failed:?}");
    }
    assert_eq!(deployment.kms.take().0, Vec::<String>::new());
    let reads = deployment.proxy.take_calls()["BatchGetItem"];
    assert!(reads <= 60 + 6, "{reads} reads, of which 60 are of the signing keys");
}
