//! The help of the command line, and `tokenbooth sign-request`.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{command, error_message, run, stdout};
use crate::support::call::{Call, now};
use crate::support::tenant::Key;
use crate::support::world::{World, options};

#[tokio::test]
async fn help_names_every_option() {
    let serve = &["--listen", "--dynamodb", "--data", "--ephemeral", "--demo-json", "--log"][..];
    let init = &[
        "--table",
        "--issuer",
        "--kms-key-id",
        "--data-key-file",
        "--customer",
        "--create-table",
        "--demo-json",
        "--move-issuer",
        "--key-file",
    ][..];
    let sign = &["--client-id", "--key-file", "--curl", "--output"][..];
    let seal = &[
        "--settings",
        "--token-set",
        "--security-token",
        "--user-token",
        "--combined",
        "--format",
        "--field",
        "--plaintext",
        "--url-encoded",
    ][..];
    let unseal = &["--settings", "--token-set", "--token"][..];
    let commands = [
        (&[][..], &["serve", "init", "admin", "audit", "index-users", "sign-request", "seal", "unseal"][..]),
        (&[], serve),
        (&["seal"], seal),
    ];
    let others =
        [(&["serve"][..], serve), (&["init"], init), (&["sign-request"], sign), (&["unseal"], unseal)];
    for (arguments, named) in commands.into_iter().chain(others) {
        let output = run(command(arguments.iter().chain(&["--help"]))).await;
        assert!(output.status.success(), "{arguments:?}");
        let help = stdout(&output);
        for name in named {
            assert!(help.contains(name), "{arguments:?} does not name {name}:\n{help}");
        }
    }
}

#[tokio::test]
async fn an_unknown_option_or_command_is_refused() {
    for arguments in
        [&["--unknown"][..], &["init", "--unknown"], &["sign-request", "--unknown"], &["unknown"]]
    {
        let output = run(command(arguments)).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

/// The command `sign-request` with a downloaded key file.
fn sign_request_with(folder: &TempDir, key: &Key) -> Command {
    let file = json!({ "appClientId": key.id, "appClientSecret": key.secret, "encodedKey": key.encoded });
    let path = folder.path().join("key.json");
    std::fs::write(&path, file.to_string()).expect("written");
    let mut sign = command(["sign-request", "--key-file"]);
    sign.arg(path);
    sign
}

/// Adds the printed header lines to a request.
fn with_printed_headers<'t>(call: Call, printed: impl IntoIterator<Item = &'t str>) -> Call {
    let headers = printed.into_iter().map(|line| line.split_once(':').expect("a header"));
    headers.fold(call, |call, (name, value)| call.header(name, value.trim()))
}

#[tokio::test]
async fn f10_sign_request_prints_three_headers_that_are_accepted() {
    let (world, folder) = (World::own(options()), TempDir::new().expect("a folder"));
    let output = run(sign_request_with(&folder, &world.demo.api_key)).await;
    assert!(output.status.success());
    let text = stdout(&output);
    let names: Vec<_> = text.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    assert_eq!(names, ["X-Frame-ClientId", "X-Frame-Timestamp", "X-Frame-Signature"]);
    with_printed_headers(world.post(&world.demo_tokens()), text.lines()).send().await.expect(200);
}

#[tokio::test]
async fn f10_sign_request_writes_settings_for_curl() {
    let (world, folder) = (World::own(options()), TempDir::new().expect("a folder"));
    let mut sign = sign_request_with(&folder, &world.demo.api_key);
    let file = folder.path().join("signed.curl");
    sign.arg("--curl").arg("--output").arg(&file);
    assert_eq!(stdout(&run(sign).await), "");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-X", "POST", "-K"]).arg(&file).arg(format!("{}{}", world.url, world.demo_tokens()));
    let output = run(curl).await;
    let token: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(token.is_string(), "{token}");
}

#[tokio::test]
async fn f10_sign_request_reads_the_secret_from_the_environment_only() {
    let world = World::own(options());
    let mut sign = command(["sign-request", "--client-id", &world.demo.api_key.id]);
    sign.env("TOKENBOOTH_CLIENT_SECRET", &world.demo.api_key.secret);
    let text = stdout(&run(sign).await);
    with_printed_headers(world.post(&world.demo_tokens()), text.lines()).send().await.expect(200);
    let key = &world.demo.api_key;
    let without = command(["sign-request", "--client-id", &key.id]);
    assert!(error_message(&run(without).await).contains("TOKENBOOTH_CLIENT_SECRET"));
    let as_option = command(["sign-request", "--client-id", &key.id, "--client-secret", "x"]);
    assert_eq!(run(as_option).await.status.code(), Some(2), "other users can read a command line");
}

#[tokio::test]
async fn f10_sign_request_signs_for_a_given_time() {
    let (world, folder) = (World::own(options()), TempDir::new().expect("a folder"));
    let mut sign = sign_request_with(&folder, &world.demo.api_key);
    let at = now() - 200;
    sign.args(["--timestamp", &at.to_string()]);
    let text = stdout(&run(sign).await);
    assert!(text.contains(&format!("X-Frame-Timestamp: {at}\n")), "{text}");
    with_printed_headers(world.post(&world.demo_tokens()), text.lines()).send().await.expect(200);
}

#[tokio::test]
async fn sign_request_explains_a_bad_key_file_without_printing_it() {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in
        [("none", None), ("no-json", Some("a secret")), ("no-key", Some("{\"a\":\"a secret\"}"))]
    {
        let path = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&path, text).expect("written");
        }
        let mut sign = command(["sign-request", "--key-file"]);
        sign.arg(&path);
        let message = error_message(&run(sign).await);
        assert!(message.contains(name) && !message.contains("a secret"), "{message}");
    }
}
