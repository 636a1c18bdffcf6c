//! `tokenbooth seal` and `tokenbooth unseal` (X10).

use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{command, error_message, run, stdout};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const APP_KEY: &str = "a-confidential-app-key";

/// A downloaded settings file with an inactive token set and one of each mode and padding.
fn settings() -> Value {
    let set = |name: &str, mode: &str, padding: &str| {
        json!({
            "name": name, "active": name != "old", "cipher": "AES", "key_bits": 256, "mode": mode,
            "padding": padding, "key": KEY, "iv": "12345678", "app_keys": [APP_KEY],
        })
    };
    json!({
        "project_id": "project-0195f3a0-1111-7222-8333-444455556666",
        "security_context": { "value": "MyContext", "required": true },
        "security_token": { "required": true },
        "gen_dt": { "past_seconds": 300, "future_seconds": 60 },
        "token_sets": [
            set("old", "GCM", "PKCS7"), set("main", "GCM", "PKCS7"), set("jwe", "JWE", "PKCS7"),
            set("cbc", "CBC", "PKCS7"), set("ecb", "ECB", "zeros"), set("none", "CBC", "none"),
        ],
    })
}

/// A folder with these settings in `project.json`.
fn folder_with(settings: &Value) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("project.json"), settings.to_string()).expect("written");
    folder
}

/// Runs a command with the settings in the folder.
async fn run_with_settings(folder: &Path, arguments: &[&str], input: Option<&str>) -> std::process::Output {
    let (name, rest) = arguments.split_first().expect("a command");
    let mut invocation = command([name, "--settings", &folder.join("project.json").to_string_lossy()]);
    invocation.args(rest);
    if let Some(input) = input {
        std::fs::write(folder.join("input"), input).expect("written");
        invocation.stdin(File::open(folder.join("input")).expect("a file"));
    }
    run(invocation).await
}

/// Seals a token and returns it.
async fn seal(folder: &Path, arguments: &[&str]) -> String {
    let output = run_with_settings(folder, &[&["seal"][..], arguments].concat(), None).await;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    stdout(&output).trim_end().to_owned()
}

/// Unseals a token and returns its plaintext and the notes on standard error.
async fn unseal(folder: &Path, token: &str) -> (String, String) {
    let output = run_with_settings(folder, &["unseal"], Some(token)).await;
    let notes = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(output.status.success(), "{token}: {notes}");
    (stdout(&output), notes)
}

const BOTH: [&str; 7] =
    ["--combined", "--field", "AppId=shop", "--field", "UserName=jd", "--field", "Display=John & Doe"];

#[tokio::test]
async fn x10_a_sealed_token_unseals_with_every_kind_of_token_set() {
    let folder = folder_with(&settings());
    for set in ["main", "jwe", "cbc", "ecb", "none"] {
        for format in ["xml", "json", "form"] {
            let options = ["--token-set", set, "--format", format];
            let token = seal(folder.path(), &[&BOTH[..], &options].concat()).await;
            let (text, notes) = unseal(folder.path(), &token).await;
            for expected in ["MyContext", "shop", APP_KEY, "jd"] {
                assert!(text.contains(expected), "{set} {format}: {text}");
            }
            assert!(notes.contains(&format!("token set {set} ")), "{set} {format}: {notes}");
            assert!(notes.contains("a booth accepts it now"), "{set} {format}: {notes}");
        }
    }
}

#[tokio::test]
async fn x3_unseal_accepts_a_url_encoded_token() {
    let folder = folder_with(&settings());
    let options = ["--token-set", "cbc", "--field", "GenDT=2027-01-15T00:00:00-08:00"];
    let plain = seal(folder.path(), &[&BOTH[..], &options].concat()).await;
    let encoded = seal(folder.path(), &[&BOTH[..], &options, &["--url-encoded"]].concat()).await;
    assert_eq!(plain.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"), encoded);
    assert_eq!(unseal(folder.path(), &plain).await, unseal(folder.path(), &encoded).await);
}

#[tokio::test]
async fn x10_a_given_plaintext_is_sealed_unchanged() {
    let folder = folder_with(&settings());
    let text = "<UserToken><Display>John</Display><UserName>jd</UserName></UserToken>";
    let options = ["seal", "--user-token", "--plaintext", "-"];
    let output = run_with_settings(folder.path(), &options, Some(text)).await;
    let (found, notes) = unseal(folder.path(), stdout(&output).trim_end()).await;
    assert_eq!(found.trim_end(), text);
    assert!(notes.contains("refuses it now: no security token"), "{notes}");
    let options = ["seal", "--security-token", "--plaintext", "-"];
    error_message(&run_with_settings(folder.path(), &options, Some(text)).await);
    error_message(&run_with_settings(folder.path(), &options, Some("<SecurityToken/>")).await);
}

#[tokio::test]
async fn x10_a_mode_without_authentication_is_flagged() {
    let folder = folder_with(&settings());
    for (set, is_flagged) in [("main", false), ("jwe", false), ("cbc", true), ("ecb", true)] {
        let arguments = [&["seal"][..], &BOTH, &["--token-set", set]].concat();
        let output = run_with_settings(folder.path(), &arguments, None).await;
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("note: "), is_flagged, "{set}");
    }
}

#[tokio::test]
async fn x10_demo_json_works_as_a_settings_file() {
    let set = json!({ "mode": "CBC", "key_bits": 256, "padding": "PKCS7", "key": KEY, "iv": "12345678" });
    let project = json!({ "id": "project-0195f3a0-1111-7222-8333-444455556666", "security_context": "MyContext", "app_key": APP_KEY, "token_set": set });
    let folder = folder_with(&json!({ "url": "http://127.0.0.1", "project": project }));
    let token = seal(folder.path(), &BOTH).await;
    assert!(unseal(folder.path(), &token).await.0.contains(APP_KEY));
}

#[tokio::test]
async fn x10_errors_explain_the_cause_without_a_secret() {
    let folder = folder_with(&settings());
    let path = folder.path();
    let (old, user) =
        ([&BOTH[..], &["--token-set", "old"]].concat(), ["--user-token", "--field", "Display=x"]);
    for (case, arguments, named) in [
        ("an inactive set", old, "has no active token set old; it has: old, main"),
        ("a missing field", user.to_vec(), "UserName is missing"),
        ("an unknown field", [&BOTH[..], &["--field", "Name=x"]].concat(), "fields are Context"),
        ("a field twice", [&BOTH[..], &["--field", "AppId=x"]].concat(), "AppId stands twice"),
        ("no text", [&BOTH[..], &["--field", "Email"]].concat(), "NAME=TEXT"),
        (
            "another kind's",
            [&user[..], &["--field", "UserName=x", "--field", "AppId=x"]].concat(),
            "another kind",
        ),
        ("no time", [&BOTH[..], &["--field", "GenDT=today"]].concat(), "GenDT"),
    ] {
        let output = run_with_settings(path, &[&["seal"][..], &arguments].concat(), None).await;
        let message = error_message(&output);
        assert!(message.contains(named), "{case}: {message}");
        assert!(!message.contains(KEY) && !message.contains(APP_KEY), "{case}: {message}");
    }
    for (case, token, named) in [
        ("nothing", "", "length"),
        ("no Base64", "%%%", "Base64"),
        (
            "another key",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "token set main: its tag does not fit",
        ),
    ] {
        let message = error_message(&run_with_settings(path, &["unseal"], Some(token)).await);
        assert!(message.contains(named) && !message.contains(KEY), "{case}: {message}");
    }
}

#[tokio::test]
async fn x10_an_invalid_settings_file_is_refused_with_the_reason() {
    let changed = |pointer: &str, value: Value| {
        let mut changed = settings();
        *changed.pointer_mut(pointer).expect("a member") = value;
        changed
    };
    for (case, settings, named) in [
        ("a short key", changed("/token_sets/1/key", json!("c2hvcnQ=")), "do not fit together"),
        ("no IV", changed("/token_sets/3/iv", Value::Null), "token set cbc"),
        ("no sets", changed("/token_sets", json!([])), "no active token set"),
        ("another cipher", changed("/token_sets/0/cipher", json!("DES")), "AES"),
        ("something else", json!({ "key": KEY }), "holds no project's settings"),
    ] {
        let folder = folder_with(&settings);
        let message = error_message(&run_with_settings(folder.path(), &["unseal"], Some("AAAA")).await);
        assert!(message.contains(named) && !message.contains(KEY), "{case}: {message}");
    }
    let folder = TempDir::new().expect("a folder");
    let message = error_message(&run_with_settings(folder.path(), &["unseal"], Some("AAAA")).await);
    assert!(message.contains("cannot read") && message.contains("--settings"), "{message}");
}
