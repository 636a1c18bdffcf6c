//! `tokenbooth init`, against a DynamoDB of its own.

use std::collections::{BTreeMap, HashMap};
use std::process::{Command, Output};

use aws_sdk_dynamodb::types::AttributeValue;
use tempfile::TempDir;
use tokenbooth::Embedded;

use super::embedded::{client, empty};
use super::process::{command, complaint, run, said};

const TABLE: &str = "booth-in-a-test";
const ISSUER: &str = "https://booth.example";

/// A place for one deployment.
struct Site {
    embedded: Embedded,
    folder: TempDir,
}

impl Site {
    async fn new() -> Self {
        Self { embedded: empty().await, folder: TempDir::new().expect("a folder") }
    }

    fn url(&self) -> String {
        format!("http://{}", self.embedded.address())
    }

    /// `init` for this site, with `more` arguments.
    fn init(&self, more: &[&str]) -> Command {
        let mut init = command(["init", "--table", TABLE, "--create-table"]);
        init.args(more).arg("--data-key-file").arg(self.folder.path().join("data.key"));
        init.env("AWS_ENDPOINT_URL_DYNAMODB", self.url()).env("AWS_REGION", "us-east-1");
        init.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        init
    }

    /// Everything in the table, by its key.
    async fn dump(&self) -> BTreeMap<String, HashMap<String, AttributeValue>> {
        let scan = client(&self.url()).scan().table_name(TABLE).consistent_read(true).send().await;
        let items = scan.expect("a scan").items.expect("items");
        items.into_iter().map(|item| (format!("{:?} {:?}", item["pk"], item["sk"]), item)).collect()
    }
}

#[track_caller]
fn success(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    said(output)
}

#[tokio::test]
async fn init_again_changes_nothing_and_shows_no_key() {
    let site = Site::new().await;
    let first = success(&run(site.init(&["--issuer", ISSUER])).await);
    assert_eq!(first.matches("appClientSecret").count(), 1, "{first}");
    assert_eq!(first.matches("tbcs_").count(), 1, "{first}");
    let (before, key) =
        (site.dump().await, std::fs::read(site.folder.path().join("data.key")).expect("a key"));
    assert!(before.keys().any(|key| key.contains("signing-keys")), "{:?}", before.keys());

    let second = success(&run(site.init(&["--issuer", ISSUER])).await);
    assert!(second.contains("nothing changed"), "{second}");
    assert!(!second.contains("tbcs_") && !second.contains("appClient"), "{second}");
    assert_eq!(site.dump().await, before);
    assert_eq!(std::fs::read(site.folder.path().join("data.key")).expect("a key"), key);
}

#[tokio::test]
async fn init_changes_the_issuer_only_with_move_issuer() {
    let site = Site::new().await;
    success(&run(site.init(&["--issuer", ISSUER])).await);
    let before = site.dump().await;
    let refused = complaint(&run(site.init(&["--issuer", "https://other.example"])).await);
    assert!(refused.contains("--move-issuer") && refused.contains(ISSUER), "{refused}");
    assert_eq!(site.dump().await, before);

    let moved = success(&run(site.init(&["--issuer", "https://other.example", "--move-issuer"])).await);
    assert!(moved.contains("https://other.example"), "{moved}");
    let after = site.dump().await;
    let changed: Vec<_> = after.keys().filter(|key| after.get(*key) != before.get(*key)).collect();
    assert!(matches!(&changed[..], [key] if key.contains("issuer")), "{changed:?}");
}

#[tokio::test]
async fn init_with_another_customer_name_adds_a_customer() {
    let site = Site::new().await;
    success(&run(site.init(&["--issuer", ISSUER])).await);
    let before = site.dump().await;
    let added = success(&run(site.init(&["--issuer", ISSUER, "--customer", "Second"])).await);
    assert_eq!(added.matches("tbcs_").count(), 1, "{added}");
    let after = site.dump().await;
    assert!(after.len() > before.len());
    assert!(before.iter().all(|(key, item)| after.get(key) == Some(item)));
}

#[tokio::test]
async fn init_refuses_an_invalid_issuer_before_it_writes_anything() {
    let site = Site::new().await;
    for issuer in ["booth.example", "https://", "ftp://booth.example", "https://booth.example?a=b"] {
        let refused = complaint(&run(site.init(&["--issuer", issuer])).await);
        assert!(refused.contains("--issuer"), "{issuer}: {refused}");
    }
    let tables = client(&site.url()).list_tables().send().await.expect("tables");
    assert!(tables.table_names().is_empty());
    assert!(!site.folder.path().join("data.key").exists());
}

#[tokio::test]
async fn init_without_the_deployments_data_key_is_refused() {
    let site = Site::new().await;
    success(&run(site.init(&["--issuer", ISSUER])).await);
    let before = site.dump().await;
    std::fs::remove_file(site.folder.path().join("data.key")).expect("removed");
    let refused = complaint(&run(site.init(&["--issuer", ISSUER])).await);
    assert!(refused.contains("missing"), "{refused}");
    assert_eq!(site.dump().await, before);
    assert!(!site.folder.path().join("data.key").exists(), "a key was made that opens nothing");
}
