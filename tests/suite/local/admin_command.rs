//! `tokenbooth admin`: calls the Admin API from the command line.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{command, error_message, run, stdout};
use crate::support::tenant::Key;
use crate::support::world::{World, options, unique};

/// A booth, and a folder with the key file of the demo customer's administrator.
struct Terminal {
    world: World,
    folder: TempDir,
}

impl Terminal {
    fn open() -> Self {
        let (world, folder) = (World::own(options()), TempDir::new().expect("a folder"));
        let terminal = Self { world, folder };
        terminal.write_key(&terminal.world.demo.admin_key);
        terminal
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_key(&self, key: &Key) {
        let file = json!({ "appClientId": key.id, "appClientSecret": key.secret, "encodedKey": key.encoded });
        std::fs::write(self.path("key.json"), file.to_string()).expect("written");
    }

    fn admin(&self, arguments: &[&str]) -> Command {
        let mut admin = command(["admin"]);
        admin.args(arguments).current_dir(self.folder.path());
        admin.env("TOKENBOOTH_URL", &self.world.url).env("TOKENBOOTH_KEY_FILE", self.path("key.json"));
        admin
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        run(self.admin(arguments)).await
    }

    /// The JSON that a successful call prints.
    async fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

#[tokio::test]
async fn a12_admin_calls_the_admin_api_with_a_key_file() {
    let terminal = Terminal::open();
    let customer = &terminal.world.demo.customer_id;
    for path in ["entities", "/entities", "/admin/v1/entities"] {
        assert_eq!(terminal.json(&["GET", path]).await["items"][0]["id"], *customer, "{path}");
    }
    let parent = &terminal.world.demo.organization_id;
    let body = json!({ "parent_id": parent, "name": unique("entity") }).to_string();
    let entity = terminal.json(&["post", "entities", "--data", &body]).await;
    let path = format!("entities/{}", entity["id"].as_str().expect("an id"));
    std::fs::write(terminal.path("change.json"), r#"{"status": "disabled"}"#).expect("written");
    let changed = terminal.json(&["PATCH", &path, "--data", "@change.json", "--if-match", "\"1\""]).await;
    assert_eq!(changed["status"], "disabled");
    let stale = terminal.run(&["DELETE", &path, "--if-match", "\"1\""]).await;
    assert!(error_message(&stale).contains("412 precondition_failed"));
    let deleted = terminal.run(&["DELETE", &path]).await;
    assert!(deleted.status.success() && stdout(&deleted).is_empty(), "{deleted:?}");
}

#[tokio::test]
async fn a12_admin_finds_key_and_url_in_the_folder_of_the_local_booth() {
    let terminal = Terminal::open();
    let (key, url) = (&terminal.world.demo.admin_key, &terminal.world.url);
    let demo = json!({
        "url": url, "admin_key": { "appClientId": key.id, "appClientSecret": key.secret, "encodedKey": key.encoded }
    });
    std::fs::create_dir(terminal.path(".tokenbooth")).expect("a folder");
    std::fs::write(terminal.path(".tokenbooth/demo.json"), demo.to_string()).expect("written");
    let mut admin = command(["admin", "GET", "roles"]);
    let output = run({
        admin.current_dir(terminal.folder.path());
        admin
    })
    .await;
    assert!(stdout(&output).contains("customer_admin"), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a12_admin_reads_all_pages_of_a_list() {
    let terminal = Terminal::open();
    let account = terminal.world.create_account().await;
    let mut made = BTreeSet::new();
    for _ in 0..5 {
        made.insert(terminal.world.create_integration(&account, "auditor").await);
    }
    let list = format!("entities/{account}/integrations?limit=2");
    let page = terminal.json(&["GET", &list]).await;
    assert_eq!(page["items"].as_array().expect("items").len(), 2);
    let all = terminal.json(&["GET", &list, "--all"]).await;
    let ids =
        all["items"].as_array().expect("items").iter().map(|it| it["id"].as_str().expect("an id").to_owned());
    assert_eq!(ids.collect::<BTreeSet<_>>(), made);
    assert_eq!(all["next_cursor"], Value::Null);
    let one = terminal.run(&["GET", &format!("entities/{account}"), "--all"]).await;
    assert!(error_message(&one).contains("not a list"));
}

#[tokio::test]
async fn a12_admin_repeats_the_answer_of_an_idempotency_key() {
    let terminal = Terminal::open();
    let projects = format!("entities/{}/projects", terminal.world.demo.account_id);
    let body = json!({ "name": unique("project") }).to_string();
    let post = ["POST", projects.as_str(), "--data", body.as_str(), "--idempotency-key", "once"];
    assert_eq!(terminal.json(&post).await, terminal.json(&post).await);
    let without = terminal.run(&post[..4]).await;
    assert!(error_message(&without).contains("409 name_taken for name"));
}

#[tokio::test]
async fn a12_admin_writes_a_secret_to_a_file_that_only_its_owner_can_read() {
    let terminal = Terminal::open();
    let projects = format!("entities/{}/projects", terminal.world.demo.account_id);
    let body = json!({ "name": unique("project") }).to_string();
    let missing =
        terminal.run(&["POST", &projects, "--data", &body, "--output", "missing/project.json"]).await;
    assert!(error_message(&missing).contains("--output"));
    let output = terminal.run(&["POST", &projects, "--data", &body, "--output", "project.json"]).await;
    assert!(output.status.success(), "the refused file made no project of that name: {output:?}");
    assert!(output.stdout.is_empty());
    let file = terminal.path("project.json");
    let project: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
    assert!(project["api_secret"].as_str().is_some_and(|secret| secret.starts_with("tbas_")));
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a12_admin_explains_a_refusal_without_a_secret() {
    let terminal = Terminal::open();
    let key = terminal.world.demo.admin_key.clone();
    let wrong = Key { secret: format!("{}x", key.secret), ..key.clone() };
    let account = terminal.world.demo.account_id.clone();
    let missing = format!("entities/{account}/projects/project-0195f3a0-1111-7222-8333-444455556666");
    let cases: [(&[&str], &str); 6] = [
        (&["GET", "entities?limit=1000"], "400 invalid_request for limit: must be 1 to 100"),
        (&["GET", &missing], "404 not_found"),
        (&["POST", "roles"], "405 method_not_allowed"),
        (&["GET", "../../v1/token"], "below /admin/v1"),
        (&["POST", "entities", "--data", "tbcs_secret"], "--data is not JSON"),
        (&["GET", "roles", "--url", "http://tokens.example.com"], "https"),
    ];
    for (arguments, part) in cases {
        let output = terminal.run(arguments).await;
        let message = error_message(&output);
        assert!(message.contains(part), "{arguments:?}: {message}");
        assert!(!message.contains("tbcs_") && !message.contains(&key.encoded), "{message}");
        assert!(output.stdout.is_empty());
    }
    terminal.write_key(&wrong);
    let message = error_message(&terminal.run(&["GET", "roles"]).await);
    assert!(message.contains("cannot sign in") && message.contains("401 invalid_api_key"), "{message}");
    assert!(!message.contains(&wrong.secret), "{message}");
}

#[tokio::test]
async fn a12_admin_says_that_no_booth_answers() {
    let terminal = Terminal::open();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let message = error_message(&terminal.run(&["GET", "roles", "--url", &format!("http://{free}")]).await);
    assert!(message.contains("cannot reach the booth") && message.contains("--url"), "{message}");
}
