//! The routes in `template.yaml`, in cargo-lambda's router and in `openapi.yaml` are the same, and the booth serves them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reqwest::Method;
use serde_yaml_ng::Value;
use tokenbooth::Routes;

use crate::support::tenant::Tenant;
use crate::support::world::{World, options};

/// A file of the project.
pub(super) fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

pub(super) fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(project(path)).expect("a file");
    serde_yaml_ng::from_str(&text).expect("YAML")
}

/// The methods of each path in `openapi.yaml`.
fn described() -> BTreeMap<String, BTreeSet<String>> {
    let document = yaml("openapi.yaml");
    let paths = document["paths"].as_mapping().expect("paths").iter();
    let methods = paths.map(|(path, item)| {
        let names = item.as_mapping().expect("a path item").keys().filter_map(Value::as_str);
        let methods =
            names.filter(|name| !["parameters", "summary", "description", "servers"].contains(name));
        (path.as_str().expect("a path").to_owned(), methods.map(str::to_uppercase).collect())
    });
    methods.collect()
}

/// The function of each path in `template.yaml`.
fn deployed() -> BTreeMap<String, String> {
    let routes = Routes::of_template().expect("routes");
    let count = routes.iter().count();
    let functions: BTreeMap<_, _> =
        routes.iter().map(|route| (route.path.clone(), route.function.clone())).collect();
    assert_eq!(functions.len(), count, "a path stands twice");
    functions
}

/// The function of each path in the router of `cargo lambda watch`.
fn watched() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(project("Cargo.toml")).expect("a file");
    let (_, router) = text.split_once("[workspace.metadata.lambda.watch.router]\n").expect("a router");
    let lines = router.lines().take_while(|line| !line.starts_with('['));
    let entries = lines.filter_map(|line| line.split_once(" = "));
    entries.map(|(path, function)| (bare(path), bare(function))).collect()
}

fn bare(quoted: &str) -> String {
    quoted.trim().trim_matches('"').to_owned()
}

#[test]
fn the_template_the_router_and_the_contract_have_the_same_routes() {
    assert_eq!(watched(), deployed());
    assert_eq!(described().into_keys().collect::<Vec<_>>(), deployed().into_keys().collect::<Vec<_>>());
}

#[test]
fn every_route_takes_any_method_to_its_function() {
    let routes = Routes::of_template().expect("routes");
    assert!(routes.iter().all(|route| route.method == "ANY"));
}

#[test]
fn every_folder_is_one_function_and_has_its_name() {
    let folders: BTreeMap<String, std::path::PathBuf> = below(&project("functions"))
        .iter()
        .flat_map(|window| below(window))
        .map(|folder| (folder.file_name().and_then(|it| it.to_str()).expect("UTF-8").to_owned(), folder))
        .collect();
    assert_eq!(functions(), folders.keys().cloned().collect());
    for (name, folder) in folders {
        let package = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a package");
        assert!(package.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

/// The functions of the template, with routes or without.
fn functions() -> BTreeSet<String> {
    let template = yaml("template.yaml");
    let resources = template["Resources"].as_mapping().expect("resources").values();
    let functions = resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let binary =
        |function: &Value| function["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned);
    functions.map(|function| binary(function).expect("a binary")).collect()
}

/// Folders of functions that are no window.
const NO_WINDOWS: [&str; 4] = ["admin", "discovery", "jobs", "oauth"];

#[test]
fn every_window_has_a_page_and_tests() {
    let windows = below(&project("functions"));
    let names = windows.iter().filter_map(|window| window.file_name()?.to_str());
    for window in names.filter(|name| !NO_WINDOWS.contains(name)) {
        assert!(project(&format!("docs/windows/{window}.md")).exists(), "{window} has no page");
        let tests = project("tests/suite/every_host").join(window);
        assert!(tests.is_dir() || tests.with_extension("rs").exists(), "{window} has no tests");
    }
}

fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// `path` with ids of `tenant` in it.
fn filled(path: &str, tenant: &Tenant) -> String {
    let entity = match path {
        path if path.contains("/customers/") => &tenant.customer_id,
        path if path.contains("/organizations/") => &tenant.organization_id,
        _ => &tenant.account_id,
    };
    path.replace("{entity_id}", entity)
        .replace("{provider_id}", &tenant.secure_anonymous.provider_id)
        .replace("{integration_id}", &format!("integration-{}", uuid::Uuid::new_v4()))
        .replace("{client_id}", &tenant.api_key.id)
        .replace("{project_id}", &tenant.project.id)
        .replace("{api_id}", &tenant.api.id)
        .replace("{partner_id}", &format!("partner-{}", uuid::Uuid::new_v4()))
        .replace("{key_id}", &format!("partner-key-{}", uuid::Uuid::new_v4()))
        .replace("{site_id}", &format!("site-{}", uuid::Uuid::new_v4()))
        .replace("{user}", "a-user")
}

/// The route where GET depends on the partner and the site. `Allow` does not list it (V1).
const CONDITIONAL_GET: &str = "/identity/anonymous-token";

#[tokio::test]
async fn an_undescribed_method_is_answered_405_with_allow() {
    let world = World::own(options());
    for (path, mut methods) in described() {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        for other in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
            if methods.contains(other) {
                continue;
            }
            let method = Method::from_bytes(other.as_bytes()).expect("a method");
            let answer = world.call(method, &filled(&path, &world.demo)).send().await;
            assert_eq!(answer.status, 405, "{other} {path}: {}", answer.text);
            let allowed: BTreeSet<_> = answer.header("allow").split(", ").map(str::to_owned).collect();
            let always =
                if path == CONDITIONAL_GET { &BTreeSet::from(["POST".to_owned()]) } else { &methods };
            assert_eq!(allowed, *always, "{other} {path}");
        }
    }
}

#[tokio::test]
async fn a_described_method_is_never_answered_405_or_500() {
    let world = World::own(options());
    for (path, methods) in described() {
        for method in methods {
            let parsed = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = world.call(parsed, &filled(&path, &world.demo)).send().await;
            let status = answer.status.as_u16();
            assert!(matches!(status, 200 | 400 | 401), "{method} {path}: {status} {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_undescribed_route_is_answered_404() {
    let world = World::own(options());
    let slashed = format!("{}/", world.demo_tokens());
    for path in
        ["/", "/v1", "/v2/token", "/v1/token/", "/V1/TOKEN", "/admin/v1", "/admin/v1/entities/", &slashed]
    {
        world.get(path).send().await.expect_problem(404, "not_found");
        world.post(path).send().await.expect_problem(404, "not_found");
    }
}
