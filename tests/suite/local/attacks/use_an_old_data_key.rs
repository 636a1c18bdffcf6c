//! An attacker has an old data key, and wants the secrets of today.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use store::{Rotation, RotationStep};

use crate::local::kms::{KmsDeployment, every_item, text};

#[tokio::test]
async fn a10_after_a_rotation_the_old_data_key_opens_nothing() {
    let deployment = KmsDeployment::new().await;
    let start = deployment.start();
    let stolen = start.keys().await.expect("keys").data_keys();
    assert_eq!(deployment.unreadable_with(&stolen).await.len(), 0, "today it opens everything");
    let mut rotation = Rotation::new(&start.table, &start.data_key);
    let mut now = start.clock.now();
    loop {
        match rotation.advance(now).await.expect("a step") {
            RotationStep::Wait { until } => now = until,
            RotationStep::Finished => break,
            _ => {}
        }
    }
    let sealed = every_item(&deployment.dynamodb()).await;
    let has_values = |item: &&HashMap<String, AttributeValue>| {
        item["pk"] != text("deployment") && format!("{item:?}").contains("Blob")
    };
    let sealed = sealed.iter().filter(has_values).count();
    let unreadable = deployment.unreadable_with(&stolen).await;
    assert!(sealed >= 1 && unreadable.len() == sealed, "{unreadable:?} of {sealed}");
    let item = deployment.item("deployment").await.expect("an item");
    let hash_key = item["hash_key"].as_b().expect("bytes").as_ref().to_vec();
    let hash_key = crypto::Sealed::from_stored(hash_key);
    assert!(stolen.open(&hash_key, "deployment|deployment").is_err());
}
