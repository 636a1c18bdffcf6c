//! The operator's switch for plain signed requests to the Admin API and window X (A12).

use api::PlainSignatures;
use serde_json::json;
use tempfile::TempDir;
use tokenbooth::Options;

use super::contract::yaml;
use super::process::{Process, command, function_env, serve_arguments};
use crate::support::call::{now, signature_headers};
use crate::support::world::{World, options, unique};

const ENTITIES: &str = "/admin/v1/entities";

#[tokio::test]
async fn a12_plain_signatures_administer_where_the_operator_accepts_them() {
    let accepted = PlainSignatures::Accepted;
    let world = World::own(Options { admin_plain_signatures: accepted, ..options() });
    let key = &world.demo.admin_key;
    let projects = format!("{ENTITIES}/{}/projects", world.demo.account_id);
    world.post(&projects).signed(key).json(&json!({ "name": unique("project") })).send().await.expect(201);
    world.read(ENTITIES).await.expect(200);
    let mut wrong = signature_headers(key, now());
    wrong[2].1 = "0".repeat(64);
    world.get(ENTITIES).headers(&wrong).send().await.expect_problem(401, "invalid_credentials");
    let both = world.get(ENTITIES).signed(key).with_token_of(key);
    both.send().await.expect_problem(401, "invalid_credentials");
    world.get(ENTITIES).send().await.expect_problem(401, "invalid_credentials");
    let verify = format!("/v1/projects/{}/tokens/verify", world.demo.project.id);
    let refused_token = world.post(&verify).signed(key).json(&json!({ "XST": "A" })).send().await;
    refused_token.expect_problem(403, "tokens_refused");
    let user = json!({ "fields": { "UserName": "jd", "Display": "J. Doe" } });
    let build = format!("/v1/projects/{}/user-tokens", world.demo.project.id);
    world.post(&build).signed(key).json(&user).send().await.expect(200);
}

#[tokio::test]
async fn a12_serve_has_the_switch_and_writes_it_for_the_function_binaries() {
    let folder = TempDir::new().expect("a folder");
    for (switch, status, written) in [(None, 401, "false"), (Some("--admin-plain-signatures"), 200, "true")] {
        let data = folder.path().join(written);
        let mut serve = command(serve_arguments(&data));
        serve.args(switch);
        let booth = Process::start_with(&data, serve);
        let world = booth.world();
        world.get(ENTITIES).signed(&world.demo.admin_key).send().await.expect(status);
        let variable = ("TOKENBOOTH_ADMIN_PLAIN_SIGNATURES".to_owned(), written.to_owned());
        assert!(function_env(&data).contains(&variable), "{switch:?}");
    }
}

#[test]
fn a12_only_the_functions_of_the_admin_api_and_window_x_have_the_switch_and_it_is_off() {
    let template = yaml("template.yaml");
    assert_eq!(template["Parameters"]["AdminPlainSignatures"]["Default"], "false");
    let name = "TOKENBOOTH_ADMIN_PLAIN_SIGNATURES";
    assert!(template["Globals"]["Function"]["Environment"]["Variables"][name].is_null());
    let resources = template["Resources"].as_mapping().expect("resources").values();
    let functions = resources.filter(|it| it["Type"] == "AWS::Serverless::Function");
    let mut with_switch = 0;
    for function in functions {
        let events = function["Properties"]["Events"].as_mapping().into_iter().flatten();
        let mut paths = events.filter_map(|(_, event)| event["Properties"]["Path"].as_str());
        let takes_switch = paths.any(|path| path.starts_with("/admin/") || path.starts_with("/v1/projects/"));
        let switch = &function["Properties"]["Environment"]["Variables"][name];
        assert_eq!(!switch.is_null(), takes_switch, "{:?}", function["Properties"]["FunctionName"]);
        with_switch += usize::from(takes_switch);
    }
    assert!(with_switch >= 14, "only {with_switch} functions");
}
