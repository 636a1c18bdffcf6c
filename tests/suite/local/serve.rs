//! `tokenbooth serve`: files on disk, shutdown, and errors at start.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::process::{
    Process, command, demo_json_path, error_message, function_env, run, serve_arguments, stdout,
};

fn temporary_folder() -> TempDir {
    TempDir::new().expect("a folder")
}

#[tokio::test]
async fn demo_json_holds_only_the_demo_tenant() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    let text = std::fs::read_to_string(demo_json_path(&data)).expect("demo.json");
    let demo: Value = serde_json::from_str(&text).expect("JSON");
    let keys = ["account_id", "admin_key", "api", "api_key", "customer_id", "guest", "launchpad_key"];
    let more = ["organization_id", "partner", "project", "secure_anonymous", "url"];
    assert_eq!(names(&demo), [&keys[..], &more].concat());
    for key in ["api_key", "admin_key", "launchpad_key"] {
        assert_eq!(names(&demo[key]), ["appClientId", "appClientSecret", "encodedKey"]);
    }
    for provider in ["guest", "secure_anonymous"] {
        assert_eq!(names(&demo[provider]), ["provider_id", "token_url"], "{provider}");
    }
    assert_eq!(names(&demo["api"]), ["id", "identifier"]);
    assert_eq!(names(&demo["partner"]), ["api_key", "site"]);
    let project = ["api_secret", "app_key", "client_id", "id", "security_context", "token_set"];
    assert_eq!(names(&demo["project"]), project);
    assert_eq!(names(&demo["project"]["token_set"]), ["iv", "key", "key_bits", "mode", "padding"]);
    assert_eq!(booth.demo.url, demo["url"]);
    assert_eq!(std::fs::read_to_string(data.join("demo.json")).expect("demo.json"), text);
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn only_the_owner_can_read_the_data_files() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    booth.world().create_account().await;
    assert_private_files(&data);
    assert_eq!(mode(&demo_json_path(&data)), 0o600);
    booth.stop("INT");
    assert_private_files(&data);
}

/// Asserts that the data folder holds the expected files and only the owner can read them.
fn assert_private_files(data: &Path) {
    assert_eq!(mode(data), 0o700);
    let files: Vec<_> =
        std::fs::read_dir(data).expect("a folder").map(|it| it.expect("a file").path()).collect();
    for name in [
        "client.curl",
        "data.key",
        "demo.json",
        "dynamodb.sqlite",
        "function.env",
        "partner.curl",
        "project.curl",
        "redeem.json",
    ] {
        assert!(files.contains(&data.join(name)), "no {name} in {files:?}");
    }
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_stopped_booth_exits_0_and_keeps_its_data() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let mut booth = Process::start(&data);
    let (before, created) = (booth.demo.clone(), booth.world().create_account().await);
    for signal in ["INT", "TERM"] {
        assert!(booth.stop(signal).success(), "{signal}");
        booth = Process::start(&data);
        let (world, demo) = (booth.world(), &booth.demo);
        assert_eq!(demo.api_key.id, before.api_key.id);
        assert_eq!(demo.customer_id, before.customer_id);
        assert_eq!(demo.organization_id, before.organization_id);
        assert_eq!(demo.account_id, before.account_id);
        assert_eq!(demo.secure_anonymous.provider_id, before.secure_anonymous.provider_id);
        world.request_token(&world.demo_tokens(), &before.api_key).await.expect(200);
        world.redeem(&before.api_key).await.expect(200);
        world.read(&format!("/admin/v1/entities/{created}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_demo_tenant_without_a_partner_is_replaced() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    let before = booth.demo.clone();
    assert!(booth.stop("INT").success());
    let text = std::fs::read_to_string(data.join("demo.json")).expect("demo.json");
    let mut demo: Value = serde_json::from_str(&text).expect("JSON");
    demo.as_object_mut().expect("an object").remove("partner").expect("a partner");
    std::fs::write(data.join("demo.json"), demo.to_string()).expect("written");
    let booth = Process::start(&data);
    assert_ne!(booth.demo.customer_id, before.customer_id);
    let (world, partner) = (booth.world(), &booth.demo.partner);
    let path = format!("/identity/anonymous-token?site={}&platform=iOS&deviceId=app-1", partner.site);
    world.post(&path).header("x-api-key", &partner.api_key).send().await.expect(200);
    world.redeem(&before.api_key).await.expect(200);
}

#[tokio::test]
async fn a_killed_booth_keeps_its_data() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    let (key, created) = (booth.demo.api_key.clone(), booth.world().create_account().await);
    assert!(!booth.stop("KILL").success());
    let booth = Process::start(&data);
    booth.world().redeem(&key).await.expect(200);
    booth.world().read(&format!("/admin/v1/entities/{created}")).await.expect(200);
}

#[tokio::test]
async fn a_booth_without_its_data_key_does_not_start_and_gets_no_new_one() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    assert!(Process::start(&data).stop("INT").success());
    std::fs::remove_file(data.join("data.key")).expect("removed");
    let message = error_message(&run(command(serve_arguments(&data))).await);
    assert!(message.contains("missing"), "{message}");
    assert!(!data.join("data.key").exists(), "a new data key was created");
}

#[tokio::test]
async fn a_port_in_use_is_named_and_no_file_is_touched() {
    let (folder, taken) = (temporary_folder(), TcpListener::bind("127.0.0.1:0").expect("a port"));
    let data = folder.path().join("data");
    let address = taken.local_addr().expect("an address").to_string();
    for option in ["--listen", "--dynamodb"] {
        let mut arguments = ["--listen", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"].map(str::to_owned);
        let at = arguments.iter().position(|it| it == option).expect("an option");
        arguments[at + 1].clone_from(&address);
        let mut booth = command(arguments);
        booth.arg("--data").arg(&data);
        let message = error_message(&run(booth).await);
        assert!(message.contains(option) && message.contains(&address), "{message}");
        assert!(!data.exists(), "{option}");
    }
}

#[tokio::test]
async fn a_damaged_data_file_is_left_as_it_is() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    assert!(Process::start(&data).stop("INT").success());
    let whole = std::fs::read(data.join("dynamodb.sqlite")).expect("a data file");
    let headless = [&[b'x'; 100], &whole[100..]].concat();
    let broken = [&whole[..100], &vec![0xff; whole.len() - 100]].concat();
    let halved = whole[..whole.len() / 2].to_vec();
    let cases = [("text", b"not a database at all\n".to_vec()), ("headless", headless), ("broken", broken)];
    for (case, bytes) in cases.into_iter().chain([("halved", halved)]) {
        std::fs::write(data.join("dynamodb.sqlite"), &bytes).expect("written");
        let message = error_message(&run(command(serve_arguments(&data))).await);
        assert!(message.contains("dynamodb.sqlite"), "{case}: {message}");
        assert!(std::fs::read(data.join("dynamodb.sqlite")).expect("a file") == bytes, "{case} was changed");
    }
}

#[tokio::test]
async fn a_second_booth_refuses_a_data_folder_in_use() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    let message = error_message(&run(command(serve_arguments(&data))).await);
    assert!(message.contains("--data"), "{message}");
    booth.world().redeem(&booth.demo.api_key).await.expect(200);
}

#[tokio::test]
async fn an_unusable_data_folder_is_named() {
    let folder = temporary_folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").expect("written");
    for data in [file.clone(), file.join("below")] {
        let message = error_message(&run(command(serve_arguments(&data))).await);
        assert!(message.contains("--data") && message.contains("file"), "{message}");
    }
    assert_eq!(std::fs::read(&file).expect("a file"), b"mine");
}

#[tokio::test]
async fn function_env_names_everything_a_function_needs() {
    let folder = temporary_folder();
    let data = folder.path().join("data");
    let booth = Process::start(&data);
    let variables = function_env(&data);
    let names: Vec<_> = variables.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["TOKENBOOTH_TABLE", "TOKENBOOTH_DATA_KEY_FILE", "TOKENBOOTH_CACHE_SECONDS"] {
        assert!(names.contains(&name), "{names:?}");
    }
    // With these variables alone, `init` creates a customer in the table of the running booth.
    let mut init = command(["init", "--issuer", &booth.demo.url, "--customer", "Another"]);
    let key_file = folder.path().join("key.json");
    init.env_clear().envs(variables).arg("--key-file").arg(&key_file);
    let output = run(init).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!stdout(&output).contains("tbcs_"));
    let key = serde_json::from_slice(&std::fs::read(key_file).expect("a key file")).expect("a key");
    booth.world().get("/admin/v1/entities").with_token_of(&key).send().await.expect(200);
}
