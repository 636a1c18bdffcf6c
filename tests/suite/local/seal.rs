//! `tokenbooth seal` and `tokenbooth unseal` (X10).

use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{command, complaint, run, said};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const APP_KEY: &str = "a-confidential-app-key";

/// A downloaded settings file with an inactive set, and one of each kind.
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

/// A folder with that file in it.
fn folder_with(settings: &Value) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("project.json"), settings.to_string()).expect("written");
    folder
}

/// What a command on those settings said and noted.
async fn tokenbooth(folder: &Path, arguments: &[&str], input: Option<&str>) -> std::process::Output {
    let (name, rest) = arguments.split_first().expect("a command");
    let mut asked = command([name, "--settings", &folder.join("project.json").to_string_lossy()]);
    asked.args(rest);
    if let Some(input) = input {
        std::fs::write(folder.join("input"), input).expect("written");
        asked.stdin(File::open(folder.join("input")).expect("a file"));
    }
    run(asked).await
}

async fn sealed(folder: &Path, arguments: &[&str]) -> String {
    let output = tokenbooth(folder, &[&["seal"][..], arguments].concat(), None).await;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    said(&output).trim_end().to_owned()
}

/// The plaintext of a token, and what was noted beside it.
async fn unsealed(folder: &Path, token: &str) -> (String, String) {
    let output = tokenbooth(folder, &["unseal"], Some(token)).await;
    let notes = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(output.status.success(), "{token}: {notes}");
    (said(&output), notes)
}

const BOTH: [&str; 7] =
    ["--combined", "--field", "AppId=shop", "--field", "UserName=jd", "--field", "Display=John & Doe"];

#[tokio::test]
async fn x10_a_sealed_token_unseals_with_every_kind_of_token_set() {
    let folder = folder_with(&settings());
    for set in ["main", "jwe", "cbc", "ecb", "none"] {
        for format in ["xml", "json", "form"] {
            let options = ["--token-set", set, "--format", format];
            let token = sealed(folder.path(), &[&BOTH[..], &options].concat()).await;
            let (text, notes) = unsealed(folder.path(), &token).await;
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
    let plain = sealed(folder.path(), &[&BOTH[..], &options].concat()).await;
    let encoded = sealed(folder.path(), &[&BOTH[..], &options, &["--url-encoded"]].concat()).await;
    assert_eq!(plain.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"), encoded);
    assert_eq!(unsealed(folder.path(), &plain).await, unsealed(folder.path(), &encoded).await);
}

#[tokio::test]
async fn x10_a_given_plaintext_is_sealed_unchanged() {
    let folder = folder_with(&settings());
    let text = "<UserToken><Display>John</Display><UserName>jd</UserName></UserToken>";
    let options = ["seal", "--user-token", "--plaintext", "-"];
    let output = tokenbooth(folder.path(), &options, Some(text)).await;
    let (found, notes) = unsealed(folder.path(), said(&output).trim_end()).await;
    assert_eq!(found.trim_end(), text);
    assert!(notes.contains("refuses it now: no security token"), "{notes}");
    let options = ["seal", "--security-token", "--plaintext", "-"];
    complaint(&tokenbooth(folder.path(), &options, Some(text)).await);
    complaint(&tokenbooth(folder.path(), &options, Some("<SecurityToken/>")).await);
}

#[tokio::test]
async fn x10_a_mode_without_authentication_is_flagged() {
    let folder = folder_with(&settings());
    for (set, is_flagged) in [("main", false), ("jwe", false), ("cbc", true), ("ecb", true)] {
        let arguments = [&["seal"][..], &BOTH, &["--token-set", set]].concat();
        let output = tokenbooth(folder.path(), &arguments, None).await;
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("note: "), is_flagged, "{set}");
    }
}

#[tokio::test]
async fn x10_demo_json_works_as_a_settings_file() {
    let set = json!({ "mode": "CBC", "key_bits": 256, "padding": "PKCS7", "key": KEY, "iv": "12345678" });
    let project = json!({ "id": "project-0195f3a0-1111-7222-8333-444455556666", "security_context": "MyContext", "app_key": APP_KEY, "token_set": set });
    let folder = folder_with(&json!({ "url": "http://127.0.0.1", "project": project }));
    let token = sealed(folder.path(), &BOTH).await;
    assert!(unsealed(folder.path(), &token).await.0.contains(APP_KEY));
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
        let output = tokenbooth(path, &[&["seal"][..], &arguments].concat(), None).await;
        let complaint = complaint(&output);
        assert!(complaint.contains(named), "{case}: {complaint}");
        assert!(!complaint.contains(KEY) && !complaint.contains(APP_KEY), "{case}: {complaint}");
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
        let complaint = complaint(&tokenbooth(path, &["unseal"], Some(token)).await);
        assert!(complaint.contains(named) && !complaint.contains(KEY), "{case}: {complaint}");
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
        let complaint = complaint(&tokenbooth(folder.path(), &["unseal"], Some("AAAA")).await);
        assert!(complaint.contains(named) && !complaint.contains(KEY), "{case}: {complaint}");
    }
    let folder = TempDir::new().expect("a folder");
    let complaint = complaint(&tokenbooth(folder.path(), &["unseal"], Some("AAAA")).await);
    assert!(complaint.contains("cannot read") && complaint.contains("--settings"), "{complaint}");
}
