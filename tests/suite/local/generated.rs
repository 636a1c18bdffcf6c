//! Files that are written from others. `UPDATE=1 cargo test -p tokenbooth-tests generated` writes them; without
//! `UPDATE` the same tests check them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tokenbooth::{Route, Routes, scheduled_functions};

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
    let lines: String =
        first_routes().iter().map(|route| format!("{}\n", with_values(&route.path))).collect();
    check_or_update(".ci/warm-paths", &lines);
}

/// The first route of each function, in the order of the template.
fn first_routes() -> Vec<Route> {
    let routes = Routes::of_template().expect("routes");
    let mut functions = BTreeSet::new();
    routes.iter().filter(|route| functions.insert(route.function.clone())).cloned().collect()
}

/// `path` with `x` for each of its parameters.
fn with_values(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "x" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn the_booth_depends_on_every_function_of_the_template() {
    let start = "# Generated from template.yaml: `UPDATE=1 cargo test -p tokenbooth-tests generated`.";
    let line = |function: String| {
        let folder = window(&function);
        format!("{function} = {{ path = \"../functions/{folder}/{function}\" }}\n")
    };
    let routed = first_routes().into_iter().map(|route| route.function);
    let lines: String = routed.chain(scheduled_functions().expect("jobs")).map(line).collect();
    check_or_update("local/Cargo.toml", &with_list("local/Cargo.toml", start, "", &lines));
}

#[test]
fn the_booth_boots_every_function_of_the_template() {
    let path = "local/src/booth/functions.rs";
    let line = |route: &Route| {
        let module = route.function.replace('-', "_");
        format!("            boot::<{module}::App>(start).await?,\n")
    };
    let lines: String = first_routes().iter().map(line).collect();
    check_or_update(path, &with_list(path, "        Ok(Self(BTreeMap::from([", "        ])))", &lines));
}

#[test]
fn the_booth_boots_every_scheduled_job_of_the_template() {
    let path = "local/src/booth/jobs.rs";
    let line = |job: &String| {
        format!("        jobs.extend([boot::<{}::App>(start).await?]);\n", job.replace('-', "_"))
    };
    let lines: String = scheduled_functions().expect("jobs").iter().map(line).collect();
    check_or_update(
        path,
        &with_list(path, "        let mut jobs = BTreeMap::new();", "        Ok(Self(jobs))", &lines),
    );
}

/// The folder of `functions/` that has this function.
fn window(function: &str) -> String {
    let windows = fs::read_dir(project("functions")).expect("a folder");
    let mut windows = windows.map(|window| window.expect("an entry").path());
    let found: Option<PathBuf> = windows.find(|window| window.join(function).is_dir());
    let found = found.unwrap_or_else(|| panic!("functions/ has no folder {function}"));
    found.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned()
}

/// The text of the file `path` with `list` between the line `start` and the next line `end`.
fn with_list(path: &str, start: &str, end: &str, list: &str) -> String {
    let text = fs::read_to_string(project(path)).expect("a file");
    let (before, rest) = text.split_once(&format!("{start}\n")).expect("the start of the list");
    let after: String = rest.split_inclusive('\n').skip_while(|line| line.trim_end() != end).collect();
    assert!(!after.is_empty(), "{path}: the list has no end");
    format!("{before}{start}\n{list}{after}")
}
