//! A rotation of the data key, interrupted at any point, while functions run (A10).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use model::{SignedDuration, Timestamp};
use store::{Rotation, RotationStep, WriteError};
use tokenbooth::{Demo, Deployment};

use crate::local::kms::{KmsDeployment, every_item, text};
use crate::local::proxy::Fault;

const URL: &str = "https://booth.example";

/// Rotates to the end. Returns the steps without the waits, and the time after the last wait.
async fn rotate(
    deployment: &KmsDeployment,
    mut now: Timestamp,
) -> Result<(Vec<RotationStep>, Timestamp), WriteError> {
    let start = deployment.start();
    let mut rotation = Rotation::new(&start.table, &start.data_key);
    let mut steps = Vec::new();
    loop {
        match rotation.advance(now).await? {
            RotationStep::Wait { until } => now = until,
            RotationStep::Finished => return Ok(([steps, vec![RotationStep::Finished]].concat(), now)),
            step => steps.push(step),
        }
    }
}

/// The data key under which each value in the table is sealed: its id in hex, or `first` for values that name none.
async fn data_keys_in_use(deployment: &KmsDeployment) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for item in every_item(&deployment.dynamodb()).await {
        let is_deployment = item["pk"] == text("deployment");
        for (name, value) in item {
            if !is_deployment || name == "hash_key" {
                collect(&value, &mut found);
            }
        }
    }
    found
}

fn collect(value: &AttributeValue, found: &mut HashMap<String, usize>) {
    match value {
        AttributeValue::B(bytes) => {
            let bytes = bytes.as_ref();
            let id =
                if bytes[0] == 1 { "first".to_owned() } else { data_encoding::HEXLOWER.encode(&bytes[1..9]) };
            *found.entry(id).or_default() += 1;
        }
        AttributeValue::L(values) => values.iter().for_each(|value| collect(value, found)),
        AttributeValue::M(values) => values.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// The fingerprints of the data keys that the deployment lists.
async fn listed(deployment: &KmsDeployment) -> Vec<String> {
    let item = deployment.item("deployment").await.expect("an item");
    let keys = item["data_keys"].as_l().expect("a list").iter();
    keys.map(|key| key.as_m().expect("a map")["fingerprint"].as_s().expect("a text").clone()).collect()
}

/// A deployment with a tenant: API keys, a partner with a site, a project with a token set.
async fn with_tenant() -> KmsDeployment {
    let deployment = KmsDeployment::new().await;
    let (prepared, _) = Deployment::prepare(&deployment.start(), URL, false).await.expect("prepared");
    Demo::create(&prepared, URL).await.expect("a tenant");
    deployment
}

/// Asserts that every value in the table is under the only data key that the deployment lists, and opens.
async fn assert_rotated(deployment: &KmsDeployment, case: &str) {
    let listed = listed(deployment).await;
    let in_use = data_keys_in_use(deployment).await;
    assert_eq!(listed.len(), 1, "{case}");
    assert_eq!(in_use.keys().collect::<Vec<_>>(), [&listed[0]], "{case}: {in_use:?}");
    assert!(in_use[&listed[0]] >= 8, "{case}: only {in_use:?}");
    assert_eq!(deployment.unreadable().await, Vec::<String>::new(), "{case}");
}

#[tokio::test]
async fn a10_a_rotation_leaves_nothing_under_the_old_data_key_and_no_id_changes() {
    let deployment = with_tenant().await;
    let hash = async || {
        let keys = deployment.start().keys().await.expect("keys");
        keys.hash_key().keyed_hash("window V user", &["a"])
    };
    let (old, hash_before) = (listed(&deployment).await, hash().await);
    let (steps, _) = rotate(&deployment, deployment.start().clock.now()).await.expect("rotated");
    assert!(
        matches!(
            steps[..],
            [
                RotationStep::Added,
                RotationStep::Switched,
                RotationStep::Resealed { items: 7.., changed: 0 },
                RotationStep::Finished
            ]
        ),
        "{steps:?}"
    );
    assert_rotated(&deployment, "rotated").await;
    assert_ne!(listed(&deployment).await, old);
    assert_eq!(hash().await, hash_before);
}

/// The process ends before or after any write, and the command is run again.
#[tokio::test]
async fn a10_a_rotation_killed_between_any_two_writes_goes_on() {
    let deployment = with_tenant().await;
    let mut now = deployment.start().clock.now();
    for (case, fault) in [("before", Fault::Exception("InternalServerError")), ("after", Fault::ResponseLost)]
    {
        for writes in 0.. {
            deployment.proxy.fail_after("TransactWriteItems", writes, usize::MAX, fault);
            let interrupted = rotate(&deployment, now).await;
            deployment.proxy.stop_failing();
            assert_eq!(deployment.unreadable().await, Vec::<String>::new(), "killed {case} write {writes}");
            deployment.start().issuing_directory().await.expect("functions start");
            now = rotate(&deployment, now).await.expect("the second run ends").1;
            assert_rotated(&deployment, &format!("killed {case} write {writes}")).await;
            now += SignedDuration::from_secs(1);
            if interrupted.is_ok() {
                assert!(writes > 9, "only {writes} writes");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a10_a_value_that_does_not_open_keeps_the_old_data_key() {
    let deployment = with_tenant().await;
    let old = listed(&deployment).await;
    let put = deployment.dynamodb().put_item().table_name(tokenbooth::TABLE);
    let put = put.item("pk", text("key#aaaaaaaaaaaaaaaaaaaaaaaaaa")).item("sk", text("key"));
    let garbage = AttributeValue::B([1_u8; 60].to_vec().into());
    put.item("secret", garbage).send().await.expect("written");
    let failed = rotate(&deployment, deployment.start().clock.now()).await.expect_err("a failure");
    let cause = api::causes(&failed);
    assert!(cause.contains("1 items have values that do not open") && cause.contains("key#aaaa"), "{cause}");
    assert!(listed(&deployment).await.starts_with(&old), "both keys are listed");
    assert_eq!(data_keys_in_use(&deployment).await["first"], 1, "all other values are under the new one");
}

#[tokio::test]
async fn a10_a_new_data_key_that_does_not_seal_yet_can_be_removed() {
    let deployment = with_tenant().await;
    let start = deployment.start();
    let (mut rotation, old) = (Rotation::new(&start.table, &start.data_key), listed(&deployment).await);
    assert_eq!(rotation.advance(start.clock.now()).await.expect("a step"), RotationStep::Added);
    assert!(rotation.cancel().await.expect("removed"));
    assert_eq!(listed(&deployment).await, old);
    assert!(!rotation.cancel().await.expect("nothing to remove"));
    rotate(&deployment, start.clock.now()).await.expect("rotated");
    assert_rotated(&deployment, "after a removal").await;
}

/// A change that began before its item was sealed again must not write the old values back.
#[tokio::test]
async fn a10_a_change_that_began_before_cannot_write_old_values_back() {
    let deployment = with_tenant().await;
    let version = async || deployment.item("signing-keys").await.expect("an item")["version"].clone();
    let before = version().await;
    rotate(&deployment, deployment.start().clock.now()).await.expect("rotated");
    assert_ne!(version().await, before);
}

/// Functions that seal read the list at most a minute after a change, and the others when they meet the new key.
#[tokio::test]
async fn a10_functions_that_run_follow_a_rotation() {
    let deployment = with_tenant().await;
    let start = deployment.start();
    let (sealing, opening) = (start.keys().await.expect("keys"), start.keys().await.expect("keys"));
    let directory = store::Directory::new(start.table.clone(), opening, SignedDuration::ZERO);
    let began = start.clock.now();
    let mut rotation = Rotation::new(&start.table, &start.data_key);
    let mut now = began;
    let mut last_old_seal = began;
    let mut finished = false;
    while !finished {
        sealing.refresh_if_old(now).await.expect("refreshed");
        let sealed = sealing.data_keys().seal(b"x", "p").expect("sealed");
        let current = start.keys().await.expect("keys").data_keys();
        if !current.is_current(&sealed) {
            last_old_seal = now;
        }
        assert!(current.open(&sealed, "p").is_ok(), "a value sealed during the rotation opens");
        let mut view = directory.view(now);
        view.fetch([store::Lookup::SigningKeys]).await.expect("signing keys open");
        view.signing_keys().expect("signing keys");
        finished = rotation.advance(now).await.expect("a step") == RotationStep::Finished;
        now += SignedDuration::from_secs(7);
    }
    assert!(now.duration_since(began) > SignedDuration::from_secs(180), "two waits");
    assert!(now.duration_since(last_old_seal) > SignedDuration::from_secs(30), "no seal near the end");
}

/// The owners of client secrets and site secrets are found by the hash of the secret, those of older tables too.
#[tokio::test]
async fn a10_a_rotation_writes_the_owners_of_secrets_that_have_none() {
    let deployment = with_tenant().await;
    let digests = async || {
        let items = every_item(&deployment.dynamodb()).await;
        let is_digest = |item: &&HashMap<String, AttributeValue>| {
            item["pk"].as_s().expect("a text").starts_with("secret-digest#")
        };
        let owners = items.iter().filter(is_digest).map(|item| {
            let owner =
                format!("{} {}", item["kind"].as_s().expect("a kind"), item["id"].as_s().expect("an id"));
            (item["pk"].as_s().expect("a text").clone(), owner)
        });
        let mut owners: Vec<_> = owners.collect();
        owners.sort();
        owners
    };
    let before = digests().await;
    assert!(before.iter().any(|(_, owner)| owner.starts_with("site ")), "{before:?}");
    assert!(before.iter().filter(|(_, owner)| owner.starts_with("api_key ")).count() >= 3, "{before:?}");
    for (pk, _) in &before {
        let delete = deployment.dynamodb().delete_item().table_name(tokenbooth::TABLE);
        delete.key("pk", text(pk)).key("sk", text("owner")).send().await.expect("deleted");
    }
    rotate(&deployment, deployment.start().clock.now()).await.expect("rotated");
    assert_eq!(digests().await, before);
}
