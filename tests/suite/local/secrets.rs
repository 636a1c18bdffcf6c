//! No secret is kept where anyone but its holder can read it: everything every host must do is done to a booth, and
//! then its table, its data files and its log are searched.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tempfile::TempDir;
use tokenbooth::TABLE;

use super::embedded::client;
use super::process::{Process, command, demo_json, environment, run, serve};
use crate::support::tenant::{Key, Tenant};

/// A booth with the rest of the suite's marks on it.
struct Scene {
    booth: Process,
    folder: TempDir,
    table: Client,
}

#[tokio::test]
async fn f04_k01_no_secret_is_stored_or_logged_in_plain_text() {
    let scene = Scene::open();
    let rival = scene.rival().await;
    scene.ask_everything(&rival);
    scene.logs_no_wire();
    let secrets = scene.secrets(&rival).await;
    for (place, bytes) in scene.places().await {
        let found = found_in(&bytes, &secrets);
        assert!(found.is_empty(), "{place} holds {} of {} secrets", found.len(), secrets.len());
    }

    // The same search finds one that is there.
    scene.plant(&secrets[0]).await;
    for (place, bytes) in scene.places().await {
        let planted = place == "table" || place == "data files";
        assert!(!planted || found_in(&bytes, &secrets) == [&secrets[0]], "{place}");
    }
}

impl Scene {
    fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        let mut serve = command(serve(&data));
        serve.args(["--log", "json"]).env("TOKENBOOTH_CACHE_SECONDS", "0");
        serve.env("TOKENBOOTH_LOG_FILTER", "trace");
        let log = |name| File::create(folder.path().join(name)).expect("a file");
        serve.stdout(log("data.out")).stderr(log("data.log"));
        let booth = Process::start_with(&data, serve);
        let variables = environment(&data);
        let endpoint = variables.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL_DYNAMODB");
        let table = client(&endpoint.expect("an endpoint").1);
        Self { booth, folder, table }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A second tenant, made by `init`.
    async fn rival(&self) -> PathBuf {
        let rival = self.path("rival.json");
        let mut init = command(["init", "--customer", "Rival", "--issuer", &self.booth.demo.url]);
        init.envs(environment(&self.path("data"))).arg("--demo-json").arg(&rival);
        init.arg("--key-file").arg(self.path("rival-key.json"));
        let output = run(init).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        rival
    }

    /// Runs what every host must do against the booth, by this very program.
    fn ask_everything(&self, rival: &Path) {
        let suite = std::env::current_exe().expect("this program");
        let mut suite = Command::new(suite);
        suite.arg("every_host::").stdin(Stdio::null());
        suite.env("TOKENBOOTH_URL", &self.booth.demo.url).env("TOKENBOOTH_RIVAL", rival);
        suite.env("TOKENBOOTH_DEMO", demo_json(&self.path("data")));
        suite.env("TOKENBOOTH_SECRETS", self.path("secrets"));
        let output = suite.output().expect("an output");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        let passed = text.split_once("test result: ok. ").and_then(|(_, rest)| rest.split_once(" passed"));
        let passed: usize = passed.expect("a result").0.parse().expect("a number");
        assert!(passed > 10, "{passed} tests tell little");
    }

    /// What libraries send and get they log below `info`: none of that is there, though the filter asks for all.
    fn logs_no_wire(&self) {
        let log = std::fs::read_to_string(self.path("data.log")).expect("a log");
        let is_low =
            |line: &&str| ["TRACE", "DEBUG"].iter().any(|it| line.contains(&format!("\"level\":\"{it}\"")));
        let low = log.lines().find(is_low);
        assert_eq!(low, None);
        assert!(log.lines().count() > 1000, "{} lines tell little", log.lines().count());
    }

    /// All secrets that left the booth.
    async fn secrets(&self, rival: &Path) -> Vec<String> {
        let notes = std::fs::read_to_string(self.path("secrets")).expect("notes");
        let mut secrets: Vec<String> = notes.lines().map(str::to_owned).collect();
        assert!(secrets.len() > 10, "{} secrets tell little", secrets.len());
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
        secrets.extend(self.repeated().await);
        assert!(secrets.iter().all(|secret| secret.len() >= 24), "what is short is found by chance");
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }

    /// The secret of a key made by a request that may be sent twice: its answer is kept.
    async fn repeated(&self) -> [String; 2] {
        let world = self.booth.world();
        let account = world.demo.account_id.clone();
        let integration = world.integration(&account, "launchpad_user").await;
        let path = format!("/admin/v1/entities/{account}/integrations/{integration}/keys");
        let create = async || {
            let call = world.post(&path).header("Idempotency-Key", "twice").json(&json!({ "name": "kept" }));
            call.signed(&world.demo.admin_key).send().await.expect(201)
        };
        let secret = create().await.text_at("client_secret");
        let again = create().await;
        assert_eq!(
            (again.header("idempotent-replayed"), again.text_at("client_secret")),
            ("true", secret.clone())
        );
        [secret, again.json["key_file"]["encodedKey"].as_str().expect("a key").to_owned()]
    }

    /// Everything written anywhere, by where it is.
    async fn places(&self) -> Vec<(String, Vec<u8>)> {
        let mut places = vec![("table".to_owned(), self.table().await)];
        for name in ["data/dynamodb.sqlite", "data/dynamodb.sqlite-wal", "data.out", "data.log"] {
            let bytes = std::fs::read(self.path(name)).unwrap_or_default();
            places.push((name.to_owned(), bytes));
        }
        assert!(
            places.iter().filter(|(_, bytes)| bytes.len() > 1000).count() >= 3,
            "there is little to search"
        );
        // The data may stand in either of the two files.
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
        items.into_iter().for_each(|item| render(&AttributeValue::M(item), &mut bytes));
        bytes
    }

    /// Puts `secret` where it must not be: deep in an item.
    async fn plant(&self, secret: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let hidden = AttributeValue::L(vec![AttributeValue::B(Blob::new(format!("<{secret}>")))]);
        let put =
            self.table.put_item().table_name(TABLE).item("pk", text("planted")).item("sk", text("planted"));
        put.item("open", text(secret)).item("hidden", hidden).send().await.expect("planted");
    }
}

/// All text and bytes in `value`, with breaks in between.
fn render(value: &AttributeValue, into: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => into.extend(text.as_bytes()),
        AttributeValue::B(bytes) => into.extend(bytes.as_ref()),
        AttributeValue::L(values) => values.iter().for_each(|value| render(value, into)),
        AttributeValue::M(values) => values.values().for_each(|value| render(value, into)),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => {
            texts.iter().for_each(|text| into.extend(text.as_bytes()));
        }
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("{other:?} is not searched"),
    }
    into.push(b'\n');
}

/// Those of `secrets` that stand in `bytes`.
fn found_in<'s>(bytes: &[u8], secrets: &'s [String]) -> Vec<&'s String> {
    let text = String::from_utf8_lossy(bytes);
    secrets.iter().filter(|secret| text.contains(&***secret)).collect()
}
