//! `tokenbooth init` with an empty embedded DynamoDB.

use std::collections::{BTreeMap, HashMap};
use std::process::{Command, Output};

use aws_sdk_dynamodb::types::AttributeValue;
use tempfile::TempDir;
use tokenbooth::Embedded;

use super::embedded::empty_dynamodb;
use super::process::{command, error_message, run, stdout};

const TABLE: &str = "booth-in-a-test";
const ISSUER: &str = "https://booth.example";

/// An empty DynamoDB and a folder for one deployment.
struct TestDeployment {
    embedded: Embedded,
    folder: TempDir,
}

impl TestDeployment {
    async fn new() -> Self {
        Self { embedded: empty_dynamodb().await, folder: TempDir::new().expect("a folder") }
    }

    fn url(&self) -> String {
        format!("http://{}", self.embedded.address())
    }

    /// The command `init` for this deployment, with additional arguments.
    fn init(&self, arguments: &[&str]) -> Command {
        let mut init = command(["init", "--table", TABLE, "--create-table"]);
        init.args(arguments).arg("--data-key-file").arg(self.folder.path().join("data.key"));
        init.env("AWS_ENDPOINT_URL_DYNAMODB", self.url()).env("AWS_REGION", "us-east-1");
        let key = self.embedded.credentials();
        init.env("AWS_ACCESS_KEY_ID", key.access_key_id());
        init.env("AWS_SECRET_ACCESS_KEY", key.secret_access_key());
        init
    }

    /// All items of the table by their keys.
    async fn items(&self) -> BTreeMap<String, HashMap<String, AttributeValue>> {
        let scan = self.embedded.client().scan().table_name(TABLE).consistent_read(true).send().await;
        let items = scan.expect("a scan").items.expect("items");
        items.into_iter().map(|item| (format!("{:?} {:?}", item["pk"], item["sk"]), item)).collect()
    }
}

/// Asserts success and returns the standard output.
#[track_caller]
fn successful_output(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    stdout(output)
}

#[tokio::test]
async fn init_again_changes_nothing_and_shows_no_key() {
    let deployment = TestDeployment::new().await;
    let first = successful_output(&run(deployment.init(&["--issuer", ISSUER])).await);
    assert_eq!(first.matches("appClientSecret").count(), 1, "{first}");
    assert_eq!(first.matches("tbcs_").count(), 1, "{first}");
    let (before, key) =
        (deployment.items().await, std::fs::read(deployment.folder.path().join("data.key")).expect("a key"));
    assert!(before.keys().any(|key| key.contains("signing-keys")), "{:?}", before.keys());

    let second = successful_output(&run(deployment.init(&["--issuer", ISSUER])).await);
    assert!(second.contains("nothing changed"), "{second}");
    assert!(!second.contains("tbcs_") && !second.contains("appClient"), "{second}");
    assert_eq!(deployment.items().await, before);
    assert_eq!(std::fs::read(deployment.folder.path().join("data.key")).expect("a key"), key);
}

#[tokio::test]
async fn init_changes_the_issuer_only_with_move_issuer() {
    let deployment = TestDeployment::new().await;
    successful_output(&run(deployment.init(&["--issuer", ISSUER])).await);
    let before = deployment.items().await;
    let refused = error_message(&run(deployment.init(&["--issuer", "https://other.example"])).await);
    assert!(refused.contains("--move-issuer") && refused.contains(ISSUER), "{refused}");
    assert_eq!(deployment.items().await, before);

    let moved = successful_output(
        &run(deployment.init(&["--issuer", "https://other.example", "--move-issuer"])).await,
    );
    assert!(moved.contains("the issuer is now https://other.example"), "{moved}");
    assert!(moved.contains(&format!("tokens of {ISSUER} are accepted until 2")), "{moved}");
    let after = deployment.items().await;
    let changed: Vec<_> = after.keys().filter(|key| after.get(*key) != before.get(*key)).collect();
    assert!(matches!(&changed[..], [key] if key.contains("issuer")), "{changed:?}");
}

#[tokio::test]
async fn init_with_another_customer_name_adds_a_customer() {
    let deployment = TestDeployment::new().await;
    successful_output(&run(deployment.init(&["--issuer", ISSUER])).await);
    let before = deployment.items().await;
    let added = successful_output(&run(deployment.init(&["--issuer", ISSUER, "--customer", "Second"])).await);
    assert_eq!(added.matches("tbcs_").count(), 1, "{added}");
    let after = deployment.items().await;
    assert!(after.len() > before.len());
    assert!(before.iter().all(|(key, item)| after.get(key) == Some(item)));
}

#[tokio::test]
async fn init_refuses_an_invalid_issuer_before_it_writes_anything() {
    let deployment = TestDeployment::new().await;
    for issuer in ["booth.example", "https://", "ftp://booth.example", "https://booth.example?a=b"] {
        let refused = error_message(&run(deployment.init(&["--issuer", issuer])).await);
        assert!(refused.contains("--issuer"), "{issuer}: {refused}");
    }
    let tables = deployment.embedded.client().list_tables().send().await.expect("tables");
    assert!(tables.table_names().is_empty());
    assert!(!deployment.folder.path().join("data.key").exists());
}

#[tokio::test]
async fn init_without_the_deployments_data_key_is_refused() {
    let deployment = TestDeployment::new().await;
    successful_output(&run(deployment.init(&["--issuer", ISSUER])).await);
    let before = deployment.items().await;
    std::fs::remove_file(deployment.folder.path().join("data.key")).expect("removed");
    let refused = error_message(&run(deployment.init(&["--issuer", ISSUER])).await);
    assert!(refused.contains("missing"), "{refused}");
    assert_eq!(deployment.items().await, before);
    assert!(!deployment.folder.path().join("data.key").exists(), "a new data key was created");
}
