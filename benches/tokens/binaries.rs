//! Builds the functions' release binaries, finds them and measures their sizes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Outcome;
use crate::calls::Call;
use crate::table::{Table, target};

/// The target for a binary's size, in megabytes.
const MEGABYTES: f64 = 10.0;

/// The path of each binary, by call.
pub(crate) struct Binaries(Vec<(Call, PathBuf)>);

impl Binaries {
    /// Builds the binaries as for a deployment: without the features that other crates of the workspace need.
    pub(crate) fn build() -> Outcome<Self> {
        let built = build(Call::STARTED.map(Call::function))?;
        let found = Call::STARTED.map(|call| Ok((call, executable(&built, call.function())?)));
        found.into_iter().collect::<Outcome<_>>().map(Self)
    }

    /// Builds the binary of one function in the same way, and returns its path.
    pub(crate) fn build_one(function: &'static str) -> Outcome<PathBuf> {
        executable(&build([function])?, function)
    }

    /// Each binary with the call that it answers.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Call, &Path)> {
        self.0.iter().map(|(call, path)| (*call, path.as_path()))
    }

    /// Adds a row for the size of each binary.
    pub(crate) fn sizes(&self, table: &mut Table) -> Outcome<()> {
        table.part(["Release binary", "megabytes", "target"]);
        for (call, path) in self.all() {
            let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
            let name = format!("{}: {}", call.name(), call.function());
            let verdict = target("≤ 10 MB", megabytes <= MEGABYTES);
            table.row([&name, &format!("{megabytes:.2}"), &verdict]);
        }
        Ok(())
    }
}

/// Builds the binaries of these functions, and returns cargo's messages.
fn build<const N: usize>(functions: [&str; N]) -> Outcome<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--release"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.args(functions.iter().flat_map(|function| ["--package", function]));
    let built = cargo.stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err("the functions do not build".into());
    }
    Ok(String::from_utf8(built.stdout)?)
}

/// The path of that function's binary in cargo's messages.
fn executable(messages: &str, function: &str) -> Outcome<PathBuf> {
    let path_in = |message: Value| {
        let is_ours = message.pointer("/target/name")?.as_str()? == function;
        is_ours.then(|| message.get("executable")?.as_str().map(PathBuf::from))?
    };
    let found = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).find_map(path_in);
    found.ok_or_else(|| format!("cargo built no {function}").into())
}
