//! The token settings of projects and the settings file (X1, X7, X10).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::call::now;
use crate::support::project::Project;
use crate::support::world::World;
use crate::support::xdoc::{CONTEXT, XdocProject, fields};

#[tokio::test]
async fn x01_x07_the_default_settings_require_a_security_token_of_the_last_five_minutes() {
    let world = World::shared();
    let project = Project::new(&world).await;
    let settings = world.read(&format!("{}/token-settings", project.path)).await.expect(200);
    assert_eq!(settings.header("etag"), "\"1\"");
    assert_eq!(settings.json["security_context"], json!({ "value": null, "required": false }));
    assert_eq!(settings.json["security_token"], json!({ "required": true }));
    assert_eq!(settings.json["gen_dt"], json!({ "past_seconds": 300, "future_seconds": 60 }));
}

#[tokio::test]
async fn x01_settings_are_updated_by_etag_field_by_field() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let path = format!("{}/token-settings", xdoc.project.path);
    let before = world.read(&path).await.expect(200);
    let changed = world.change(&path, &json!({ "gen_dt": { "past_seconds": 30 } })).await.expect(200);
    assert_eq!(changed.json["gen_dt"], json!({ "past_seconds": 30, "future_seconds": 60 }));
    assert_eq!(changed.json["security_context"], before.json["security_context"]);
    let stale = world.call(Method::PATCH, &path).header("If-Match", before.header("etag"));
    let refused = stale.with_token_of(&world.demo.admin_key).json(&json!({ "gen_dt": {} })).send().await;
    refused.expect_problem(412, "precondition_failed");
    assert_eq!(xdoc.settings_file(&world).await.token_sets.len(), 1, "the token sets are unchanged");
}

#[tokio::test]
async fn x01_a_field_missing_in_an_update_keeps_its_value() {
    let world = World::shared();
    let path = format!("{}/token-settings", Project::new(&world).await.path);
    let mut expected = json!({
        "security_context": { "value": "one", "required": true },
        "security_token": { "required": false },
        "gen_dt": { "past_seconds": 30, "future_seconds": 5 },
    });
    world.change(&path, &expected).await.expect(200);
    for (member, field, value) in [
        ("security_context", "value", json!("two")),
        ("security_context", "required", json!(false)),
        ("security_context", "value", Value::Null),
        ("gen_dt", "past_seconds", json!(40)),
        ("gen_dt", "future_seconds", json!(6)),
        ("security_token", "required", json!(true)),
    ] {
        let changed = world.change(&path, &json!({ member: { field: value } })).await.expect(200);
        expected[member][field] = value;
        for (name, member) in expected.as_object().expect("an object") {
            assert_eq!(&changed.json[name], member, "{field}");
            let nothing = world.change(&path, &json!({ name: {} })).await.expect(200);
            assert_eq!(&nothing.json[name], member, "an empty {name} changes nothing");
        }
    }
}

#[tokio::test]
async fn x01_an_invalid_setting_is_named() {
    let world = World::shared();
    let path = format!("{}/token-settings", Project::new(&world).await.path);
    for (body, field) in [
        (json!({ "security_context": null }), "security_context"),
        (json!({ "security_context": [CONTEXT, true] }), "security_context"),
        (json!({ "security_context": { "value": "" } }), "security_context.value"),
        (json!({ "security_context": { "value": "x".repeat(257) } }), "security_context.value"),
        (json!({ "security_token": { "required": "yes" } }), "security_token.required"),
        (json!({ "security_token": true }), "security_token"),
        (json!({ "security_token": { "required": null } }), "security_token.required"),
        (json!({ "gen_dt": { "past_seconds": null } }), "gen_dt.past_seconds"),
        (json!({ "gen_dt": { "past_seconds": 86_401 } }), "gen_dt.past_seconds"),
        (json!({ "gen_dt": { "future_seconds": -1 } }), "gen_dt.future_seconds"),
        (json!({ "gen_dt": { "future_seconds": 0.5 } }), "gen_dt.future_seconds"),
        (json!({ "token_sets": [] }), "token_sets"),
        (json!({ "project_id": "x" }), "project_id"),
    ] {
        let answer = world.change(&path, &body).await.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{body}: {}", answer.text);
    }
}

#[tokio::test]
async fn x10_a_token_sealed_with_the_downloaded_settings_file_verifies() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let path = format!("{}/settings-file", xdoc.project.path);
    let answer = world.read(&path).await.expect(200);
    let disposition = "attachment; filename=\"tokenbooth-project.json\"";
    assert_eq!(
        (answer.header("content-disposition"), answer.header("cache-control")),
        (disposition, "no-store")
    );
    assert_eq!(answer.json["token_sets"][0]["app_keys"], json!([xdoc.app_key]));
    let set = &xdoc.ciphers(&world).await[0];
    let token = model::seal_text(set, xdoc.plaintext(now())).expect("sealed").token;
    xdoc.verify(&world, &json!({ "XST": token, "XSC": CONTEXT })).await.expect(200);
    let built = xdoc.build(&world, "user", &json!({ "fields": fields("user") })).await.expect(200);
    let decrypted = set.cipher.open(&built.text_at("encrypted")).into_plaintext().expect("opened");
    assert_eq!(String::from_utf8_lossy(&decrypted), built.text_at("plaintext"));
}

#[tokio::test]
async fn x10_a04_downloading_the_keys_needs_the_write_scope_and_is_audited() {
    let world = World::shared();
    let xdoc = XdocProject::new(&world).await;
    let path = format!("{}/settings-file", xdoc.project.path);
    let auditor = world.create_key_with_role(&xdoc.project.account, "auditor").await;
    world.get(&path).with_token_of(&auditor).send().await.expect_problem(403, "insufficient_scope");
    world.get(&path).with_token_of(&world.rival.admin_key).send().await.expect_problem(404, "not_found");
    world.get(&path).bearer(&xdoc.project.api_secret).send().await.expect(401);
    let manager = world.create_key_with_role(&xdoc.project.account, "account_admin").await;
    world.get(&path).with_token_of(&manager).send().await.expect(200);
    let log = world.read(&format!("/admin/v1/audit-log?entity_id={}&limit=1", xdoc.project.account)).await;
    let record = &log.expect(200).json["items"][0];
    assert_eq!(record["action"], "token_settings.download");
    assert!(
        record.to_string().contains(&manager.id) && record.to_string().contains(&xdoc.project.id),
        "{record}"
    );
    let other = world.call(Method::PATCH, &path).with_token_of(&manager).json(&json!({}));
    assert_eq!(other.send().await.expect(405).header("allow"), "GET, HEAD");
}
