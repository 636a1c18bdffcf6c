//! No secret is stored or logged in plain text: all tests of `every_host` run against a booth, and then its table, its
//! data files and its log are searched.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tempfile::TempDir;
use tokenbooth::TABLE;

use super::process::{Process, command, demo_json_path, function_env, run, serve_arguments};
use crate::support::tenant::{Key, Tenant};

/// A booth process, its files and its table.
struct SearchedBooth {
    booth: Process,
    folder: TempDir,
    table: Client,
}

#[tokio::test]
async fn f04_k01_no_secret_is_stored_or_logged_in_plain_text() {
    let booth = SearchedBooth::start();
    let rival = booth.create_rival().await;
    booth.run_every_host_tests(&rival);
    booth.assert_no_debug_logs();
    let secrets = booth.all_secrets(&rival).await;
    for (place, bytes) in booth.places().await {
        let found = secrets_in(&bytes, &secrets);
        assert!(found.is_empty(), "{place} holds {} of {} secrets", found.len(), secrets.len());
    }

    // The same search finds a planted secret.
    booth.plant(&secrets[0]).await;
    for (place, bytes) in booth.places().await {
        let planted = place == "table" || place == "data files";
        assert!(!planted || secrets_in(&bytes, &secrets) == [&secrets[0]], "{place}");
    }
}

impl SearchedBooth {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        let mut serve = command(serve_arguments(&data));
        serve.args(["--log", "json"]).env("TOKENBOOTH_CACHE_SECONDS", "0");
        serve.env("TOKENBOOTH_LOG_FILTER", "trace");
        let log = |name| File::create(folder.path().join(name)).expect("a file");
        serve.stdout(log("data.out")).stderr(log("data.log"));
        let booth = Process::start_with(&data, serve);
        let variables = function_env(&data);
        let variable = |wanted| &variables.iter().find(|(name, _)| name == wanted).expect("a variable").1;
        let (id, secret) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
        let credentials = Credentials::new(id, secret, None, None, "function.env");
        let table = api::emulator_client(variable("AWS_ENDPOINT_URL_DYNAMODB"), credentials);
        Self { booth, folder, table }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Creates a second tenant with `init` and returns its demo file.
    async fn create_rival(&self) -> PathBuf {
        let rival = self.path("rival.json");
        let mut init = command(["init", "--customer", "Rival", "--issuer", &self.booth.demo.url]);
        init.envs(function_env(&self.path("data"))).arg("--demo-json").arg(&rival);
        init.arg("--key-file").arg(self.path("rival-key.json"));
        let output = run(init).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        rival
    }

    /// Runs the tests of `every_host` against the booth, with this test program.
    fn run_every_host_tests(&self, rival: &Path) {
        let mut suite = Command::new(std::env::current_exe().expect("this program"));
        suite.arg("every_host::").stdin(Stdio::null());
        suite.env("TOKENBOOTH_URL", &self.booth.demo.url).env("TOKENBOOTH_RIVAL", rival);
        suite.env("TOKENBOOTH_DEMO", demo_json_path(&self.path("data")));
        suite.env("TOKENBOOTH_SECRETS", self.path("secrets"));
        let output = suite.output().expect("an output");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        let result = text.split_once("test result: ok. ").and_then(|(_, rest)| rest.split_once(" passed"));
        let passed: usize = result.expect("a result").0.parse().expect("a number");
        assert!(passed > 10, "only {passed} tests ran");
    }

    /// Libraries log requests and responses below `info`. None of these lines is in the log, although the filter is
    /// `trace`.
    fn assert_no_debug_logs(&self) {
        let log = std::fs::read_to_string(self.path("data.log")).expect("a log");
        let is_debug =
            |line: &&str| ["TRACE", "DEBUG"].iter().any(|it| line.contains(&format!("\"level\":\"{it}\"")));
        assert_eq!(log.lines().find(is_debug), None);
        assert!(log.lines().count() > 1000, "only {} lines", log.lines().count());
    }

    /// All secrets that the booth returned.
    async fn all_secrets(&self, rival: &Path) -> Vec<String> {
        let notes = std::fs::read_to_string(self.path("secrets")).expect("notes");
        let mut secrets: Vec<String> = notes.lines().map(str::to_owned).collect();
        assert!(secrets.len() > 10, "only {} secrets", secrets.len());
        for tenant in [self.booth.demo.clone(), Tenant::read(&rival.to_string_lossy())] {
            let keys = [tenant.api_key, tenant.admin_key, tenant.launchpad_key];
            secrets.extend(keys.into_iter().flat_map(|key| [key.secret, key.encoded]));
            secrets.push(tenant.partner.api_key);
            let project = tenant.project;
            secrets.extend([project.api_secret, project.tokens.app_key, project.tokens.token_set.key]);
        }
        let key: Key = serde_json::from_slice(&std::fs::read(self.path("rival-key.json")).expect("a file"))
            .expect("a key");
        secrets.extend([key.secret, key.encoded]);
        secrets.extend(self.replayed_secret().await);
        assert!(secrets.iter().all(|secret| secret.len() >= 24), "a short text could match by chance");
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }

    /// The secret of a key that was created with an idempotency key, so that the booth stores the response.
    async fn replayed_secret(&self) -> [String; 2] {
        let world = self.booth.world();
        let account = world.demo.account_id.clone();
        let integration = world.create_integration(&account, "launchpad_user").await;
        let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
        let create = async || {
            let call = world.post(&path).header("Idempotency-Key", "twice").json(&json!({ "name": "kept" }));
            call.with_token_of(&world.demo.admin_key).send().await.expect(201)
        };
        let secret = create().await.text_at("client_secret");
        let again = create().await;
        assert_eq!(
            (again.header("idempotent-replayed"), again.text_at("client_secret")),
            ("true", secret.clone())
        );
        [secret, again.key_file().encoded]
    }

    /// The contents of the table, the data files and the log, by name.
    async fn places(&self) -> Vec<(String, Vec<u8>)> {
        let mut places = vec![("table".to_owned(), self.table().await)];
        for name in ["data/dynamodb.sqlite", "data/dynamodb.sqlite-wal", "data.out", "data.log"] {
            let bytes = std::fs::read(self.path(name)).unwrap_or_default();
            places.push((name.to_owned(), bytes));
        }
        assert!(
            places.iter().filter(|(_, bytes)| bytes.len() > 1000).count() >= 3,
            "too little data to search"
        );
        // SQLite may keep the data in either of the two files.
        let (main, wal) = (places.remove(1), places.remove(1));
        places.push(("data files".to_owned(), [main.1, wal.1].concat()));
        places
    }

    /// Every attribute of every item.
    async fn table(&self) -> Vec<u8> {
        let pages = self.table.scan().table_name(TABLE).consistent_read(true).into_paginator().items().send();
        let items = pages.collect::<Result<Vec<_>, _>>().await.expect("a scan");
        assert!(items.len() > 50, "{} items", items.len());
        let mut bytes = Vec::new();
        items.into_iter().for_each(|item| append_text(&AttributeValue::M(item), &mut bytes));
        bytes
    }

    /// Writes `secret` into an item of the table, as text and nested.
    async fn plant(&self, secret: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let hidden = AttributeValue::L(vec![AttributeValue::B(Blob::new(format!("<{secret}>")))]);
        let put =
            self.table.put_item().table_name(TABLE).item("pk", text("planted")).item("sk", text("planted"));
        put.item("open", text(secret)).item("hidden", hidden).send().await.expect("planted");
    }
}

/// Appends all text and bytes in `value`, separated by line breaks.
fn append_text(value: &AttributeValue, into: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => into.extend(text.as_bytes()),
        AttributeValue::B(bytes) => into.extend(bytes.as_ref()),
        AttributeValue::L(values) => values.iter().for_each(|value| append_text(value, into)),
        AttributeValue::M(values) => values.values().for_each(|value| append_text(value, into)),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => {
            texts.iter().for_each(|text| into.extend(text.as_bytes()));
        }
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("{other:?} is not searched"),
    }
    into.push(b'\n');
}

/// The secrets that `bytes` contains.
fn secrets_in<'s>(bytes: &[u8], secrets: &'s [String]) -> Vec<&'s String> {
    let text = String::from_utf8_lossy(bytes);
    secrets.iter().filter(|secret| text.contains(&***secret)).collect()
}
