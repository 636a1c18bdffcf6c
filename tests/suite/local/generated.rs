//! Files that are written from others. `UPDATE=1 cargo test -p tokenbooth-tests generated` writes them; without
//! `UPDATE` the same tests check them.

use std::collections::BTreeSet;
use std::fs;

use tokenbooth::{Route, Routes};

use super::contract::project;

/// Requires that the project's file `path` holds `text`. With `UPDATE` set, writes it first.
pub(super) fn check_or_update(path: &str, text: &str) {
    let file = project(path);
    let is_current = || fs::read_to_string(&file).is_ok_and(|current| current == text);
    if std::env::var_os("UPDATE").is_some() && !is_current() {
        fs::write(&file, text).expect("a file");
    }
    assert!(is_current(), "{path} is out of date: run `UPDATE=1 cargo test -p tokenbooth-tests`");
}

const ROUTER: &str = "\n[workspace.metadata.lambda.watch.router]\n";

#[test]
fn the_router_of_cargo_lambda_is_that_of_the_template() {
    let manifest = fs::read_to_string(project("Cargo.toml")).expect("a file");
    let (before, router) = manifest.split_once(ROUTER).expect("a router");
    let after = router.split_once("\n[").map(|(_, after)| format!("\n[{after}")).unwrap_or_default();
    let routes = Routes::of_template().expect("routes");
    let line = |route: &Route| format!("\"{}\" = \"{}\"\n", route.path, route.function);
    let lines: String = routes.iter().map(line).collect();
    check_or_update("Cargo.toml", &format!("{before}{ROUTER}{lines}{after}"));
}

#[test]
fn the_warm_paths_are_one_of_each_function() {
    let routes = Routes::of_template().expect("routes");
    let mut functions = BTreeSet::new();
    let first = routes.iter().filter(|route| functions.insert(route.function.as_str()));
    let lines: String = first.map(|route| format!("{}\n", with_values(&route.path))).collect();
    check_or_update(".ci/warm-paths", &lines);
}

/// `path` with `x` for each of its parameters.
fn with_values(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "x" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
