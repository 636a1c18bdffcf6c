//! `tokenbooth serve` and the options that every command shares: addresses, issuer, signals, log lines, completions.

use std::path::Path;
use std::process::{Command, Output};

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use tempfile::TempDir;
use tokenbooth::{Booth, Options};

use super::process::{Process, command, demo_json_path, error_message, run, serve_arguments, stdout};
use crate::support::tenant::Tenant;
use crate::support::world::{World, options};

const COMMANDS: [&str; 7] = ["serve", "init", "admin", "sign-request", "seal", "unseal", "completions"];

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// The standard error of a command whose arguments clap refuses.
#[track_caller]
fn usage_error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", stdout(output));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Starts `command` with SIGHUP ignored or not, whatever this process does with it, and writes its process id.
fn with_hangup(handling: &str, command: &Command, pid_file: &Path) -> Command {
    let script = format!("echo $$ > \"$PID_FILE\"; exec env {handling} \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().env("PATH", "/usr/bin:/bin").env("PID_FILE", pid_file);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// `serve` with everything in memory, on loopback and free ports.
fn ephemeral() -> Command {
    command(["serve", "--ephemeral", "--listen", "0", "--dynamodb", "localhost:0"])
}

#[tokio::test]
async fn a_request_to_an_unknown_route_leaves_a_log_line_without_its_path_and_query() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut json = command(serve_arguments(&data));
    json.args(["--log", "json"]);
    json.stderr(std::fs::File::create(data.with_extension("log")).expect("a file"));
    let booth = Process::start_with(&data, json);
    booth.world().get("/v1/nowhere/ada?secret=hidden").send().await.expect_problem(404, "not_found");
    let log = std::fs::read_to_string(data.with_extension("log")).expect("a log");
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let line = lines.iter().find(|line| line["code"] == "not_found").expect("a line");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["status"], 404);
    assert_eq!(line["source_ip"], "127.0.0.1");
    assert!(!log.contains("hidden") && !log.contains("ada"), "{log}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_with_the_reason_of_the_system() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    for (path, reason) in [
        (folder.path().join("missing/demo.json"), "No such file or directory"),
        (folder.path().to_owned(), "directory"),
        (file.join("demo.json"), "Not a directory"),
    ] {
        let mut init = command(["init", "--table", "t", "--issuer", "https://booth.example"]);
        init.args(["--data-key-file", "data.key"]).env("AWS_REGION", "us-east-1");
        for (mut command, option) in [(ephemeral(), "--demo-json"), (init, "--key-file")] {
            command.arg(option).arg(&path);
            let message = error_message(&run(command).await);
            let name = path.display().to_string();
            for part in [option, &name, reason] {
                assert!(message.contains(part), "{option} {name}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn init_without_region_or_credentials_says_what_to_set() {
    let folder = folder();
    let init = |region: &[(&str, &str)]| {
        let mut init = command(["init", "--table", "t", "--issuer", "https://booth.example"]);
        init.arg("--data-key-file").arg(folder.path().join("data.key"));
        // No profile, and no request to the address where an EC2 instance would find its role.
        init.env("HOME", folder.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        init.envs(region.iter().copied());
        init
    };
    let message_without_region = error_message(&run(init(&[])).await);
    assert!(message_without_region.contains("AWS_REGION"), "{message_without_region}");
    let message_without_credentials = error_message(&run(init(&[("AWS_REGION", "us-east-1")])).await);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"] {
        assert!(message_without_credentials.contains(name), "{message_without_credentials}");
    }
    assert!(!folder.path().join("data.key").exists());
}

#[tokio::test]
async fn init_without_a_place_for_the_data_key_names_both_options() {
    let init = command(["init", "--table", "t", "--issuer", "https://booth.example"]);
    let error = usage_error(&run(init).await);
    assert!(error.contains("--kms-key-id") && error.contains("--data-key-file"), "{error}");
}

#[tokio::test]
async fn every_signal_to_close_deletes_the_files_of_an_ephemeral_booth() {
    for signal in ["HUP", "TERM", "INT"] {
        let folder = folder();
        let temporary = folder.path().join("temporary");
        std::fs::create_dir(&temporary).expect("a folder");
        let mut serve = ephemeral();
        serve.env("TMPDIR", &temporary);
        // A test that runs under `nohup` has SIGHUP ignored.
        let serve = with_hangup("--default-signal=HUP", &serve, &folder.path().join("pid"));
        let booth = Process::start_with(&folder.path().join("data"), serve);
        let files = || std::fs::read_dir(&temporary).expect("a folder").count();
        assert_eq!(files(), 1, "{signal}");
        assert!(booth.stop(signal).success(), "{signal}");
        assert_eq!(files(), 0, "{signal}");
    }
}

/// `nohup` starts a program with SIGHUP ignored, so that it goes on when its terminal is closed.
#[tokio::test]
async fn a_booth_that_is_started_with_hangup_ignored_keeps_ignoring_it() {
    for (handling, is_ignored) in [("--ignore-signal=HUP", true), ("--default-signal=HUP", false)] {
        let folder = folder();
        let pid_file = folder.path().join("pid");
        let serve = with_hangup(handling, &ephemeral(), &pid_file);
        let booth = Process::start_with(&folder.path().join("data"), serve);
        let pid = std::fs::read_to_string(&pid_file).expect("a process id");
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).expect("a status");
        let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("ignored signals");
        let bits = u64::from_str_radix(bits.trim(), 16).expect("hex");
        assert_eq!(bits & 1 == 1, is_ignored, "{handling}");
        assert!(booth.stop("TERM").success());
    }
}

#[tokio::test]
async fn a_port_alone_and_localhost_are_addresses() {
    let folder = folder();
    let booth = Process::start_with(&folder.path().join("data"), ephemeral());
    assert!(booth.demo.url.starts_with("http://127.0.0.1:"), "{}", booth.demo.url);
    booth.world().redeem(&booth.demo.api_key).await.expect(200);
    for option in ["--listen", "--dynamodb"] {
        let error = usage_error(&run(command(["serve", option, "nowhere"])).await);
        assert!(error.contains(option) && error.contains("127.0.0.1:9200"), "{error}");
    }
}

#[tokio::test]
async fn every_command_has_a_version() {
    let version = env!("CARGO_PKG_VERSION");
    for arguments in [&["-V"][..], &["--version"]] {
        assert_eq!(stdout(&run(command(arguments)).await), format!("tokenbooth {version}\n"));
    }
    for name in COMMANDS {
        let output = run(command([name, "-V"])).await;
        assert!(output.status.success(), "{name}");
        assert!(stdout(&output).contains(version), "{name}: {}", stdout(&output));
    }
}

#[tokio::test]
async fn the_help_of_every_command_has_examples() {
    for name in COMMANDS {
        let help = stdout(&run(command([name, "--help"])).await);
        let (_, examples) = help.split_once("Examples:\n").expect("examples");
        assert!(examples.contains(&format!("tokenbooth {name}")), "{help}");
    }
}

#[tokio::test]
async fn completions_of_every_shell_know_commands_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(command(["completions", shell])).await;
        assert!(output.status.success(), "{shell}");
        let script = stdout(&output);
        for name in COMMANDS.into_iter().chain(["demo-json", "kms-key-id"]) {
            assert!(script.contains(name), "{shell} does not complete {name}");
        }
    }
    let error = usage_error(&run(command(["completions", "cmd"])).await);
    assert!(error.contains("powershell"), "{error}");
}

#[tokio::test]
async fn the_banner_has_no_control_sequences_and_no_secret() {
    let folder = folder();
    let data = folder.path().join("data");
    let stdout = folder.path().join("stdout");
    let mut serve = command(serve_arguments(&data));
    serve.stdout(std::fs::File::create(&stdout).expect("a file"));
    let booth = Process::start_with(&data, serve);
    let (url, key) = (booth.demo.url.clone(), booth.demo.api_key.clone());
    assert!(booth.stop("INT").success());
    let banner = std::fs::read_to_string(&stdout).expect("a banner");
    assert!(banner.contains(&url) && banner.contains("has closed"), "{banner}");
    assert!(banner.chars().all(|it| it == '\n' || !it.is_control()), "{banner:?}");
    assert!(!banner.contains(&key.secret) && !banner.contains(&key.encoded), "{banner}");
}

/// A booth whose public URL is `https://tokens.example.com/booth`.
async fn behind_a_proxy() -> World {
    let issuer = "https://tokens.example.com/booth/".parse().expect("a URL");
    let booth = Booth::open(Options { issuer: Some(issuer), ..options() }).await.expect("a booth");
    let address = booth.address().expect("an address");
    let demo = Tenant::of(&booth.demo);
    tokio::spawn(booth.run(std::future::pending()));
    World::new(&format!("http://{address}"), demo.clone(), demo)
}

#[tokio::test]
async fn a_booth_with_an_issuer_publishes_it_everywhere() {
    let world = behind_a_proxy().await;
    let issuer = "https://tokens.example.com/booth";
    assert_eq!(world.demo.url, issuer);
    let token_url = &world.demo.secure_anonymous.token_url;
    assert_eq!(token_url.strip_prefix(issuer), Some(world.demo_tokens().as_str()));
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let document = world.get(path).send().await.expect(200).json;
        assert_eq!(document["issuer"], issuer);
        for (name, value) in document.as_object().expect("an object") {
            let is_url = name.ends_with("_uri") || name.ends_with("_endpoint");
            assert!(!is_url || value.as_str().is_some_and(|url| url.starts_with(issuer)), "{name}: {value}");
        }
    }
    let access = world.redeem(&world.demo.api_key).await.expect(200).text_at("token");
    let anonymous = world.request_token(&world.demo_tokens(), &world.demo.api_key).await.expect(200).json;
    let device = world.request_device_token("app-1").await.expect(200).text_at("authorizationToken");
    for token in [access.as_str(), anonymous.as_str().expect("a token"), device.as_str()] {
        assert_eq!(claims(token)["iss"], issuer);
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = BASE64URL_NOPAD.decode(payload.as_bytes()).expect("Base64url");
    serde_json::from_slice(&bytes).expect("claims")
}

#[tokio::test]
async fn an_issuer_that_is_not_a_public_url_is_refused_before_anything_is_written() {
    let folder = folder();
    let data = folder.path().join("data");
    for issuer in [
        "tokens.example.com",
        "https://",
        "ftp://tokens.example.com",
        "https://tokens.example.com?a=b",
        "https://tokens.example.com#top",
        "https://user@tokens.example.com",
    ] {
        let mut by_option = command(serve_arguments(&data));
        by_option.args(["--issuer", issuer]);
        let mut by_environment = command(serve_arguments(&data));
        by_environment.env("TOKENBOOTH_ISSUER", issuer);
        for serve in [by_option, by_environment] {
            let message = error_message(&run(serve).await);
            assert!(message.contains("--issuer") && message.contains("https://"), "{issuer}: {message}");
        }
    }
    assert!(!data.exists() && !demo_json_path(&data).exists());
}

#[tokio::test]
async fn a_booth_takes_the_issuer_of_each_start() {
    let folder = folder();
    let data = folder.path().join("data");
    let open = async |url: Option<&str>| {
        let issuer = url.map(|text| text.parse().expect("a URL"));
        let options = Options { issuer, data: Some(data.clone()), ..options() };
        Booth::open(options).await.expect("a booth")
    };
    let first = open(Some("https://tokens.example.com")).await;
    let (url, customer) = (first.url.clone(), first.demo.customer_id);
    first.run(std::future::ready(())).await;
    assert_eq!(url, "https://tokens.example.com");
    let second = open(None).await;
    assert_eq!(second.url, format!("http://{}", second.address().expect("an address")));
    assert_eq!(second.demo.url, second.url);
    assert_eq!(second.demo.customer_id, customer);
    second.run(std::future::ready(())).await;
}
