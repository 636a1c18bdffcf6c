//! The shell blocks of the documents.
//!
//! Every block whose language is `sh` is run as it stands, page by page, README first, against one booth, in the folder
//! that holds its `.tokenbooth`. The blocks of a page run in one shell, as in one terminal. The word after `sh` marks the
//! blocks that are not run; of these the syntax is checked:
//!
//! | a block begins with | and is |
//! |---|---|
//! | `sh` | run |
//! | `sh start` | the command that starts the booth: this test has started one |
//! | `sh build` | a command that builds or tests the project |
//! | `sh aws` | a command that needs an AWS account, or a deployment in one |
//!
//! A `json` block right after an `sh` block shows its answer: both have the same fields, of the same types. A `text` block
//! there has as many lines as the real output.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::answer::difference;
use super::{Block, Page, pages};
use crate::local::process::{Process, run};

/// Languages of blocks that are not for a shell.
const OTHER_LANGUAGES: [&str; 7] = ["json", "text", "python", "js", "xml", "http", "yaml"];

/// The marks of shell blocks that are not run. Such a block must contain one of the texts, so that no other block is skipped.
const NOT_RUN: [(&str, &[&str]); 3] = [
    ("start", &["cargo run -p tokenbooth"]),
    ("build", &["cargo "]),
    (
        "aws",
        &[
            "aws ",
            "sam ",
            "$(output ",
            "tokenbooth audit",
            "tokenbooth index-users",
            "tokenbooth init",
            "tokenbooth restore",
            "tokenbooth rotate-data-key",
        ],
    ),
];

/// The programs that the blocks use, except `tokenbooth`. Every contributor needs them.
const TOOLS: [&str; 5] = ["bash", "curl", "openssl", "python3", "sed"];

#[test]
fn every_block_has_a_language_and_every_shell_block_a_known_mark() {
    for page in pages() {
        for block in page.blocks() {
            let at = format!("{}:{}", page.path, block.line);
            let (language, mark) = block.info.split_once(' ').unwrap_or((&block.info, ""));
            if language == "sh" {
                let known = NOT_RUN.iter().find(|(name, _)| *name == mark);
                let fits = known.map(|(_, needs)| needs.iter().any(|need| block.text.contains(need)));
                assert!(fits.unwrap_or(mark.is_empty()), "{at}: sh {mark}");
                parses(&at, &block.text);
            } else {
                assert!(OTHER_LANGUAGES.contains(&language) && mark.is_empty(), "{at}: {}", block.info);
            }
        }
    }
}

fn parses(at: &str, script: &str) {
    let output = Command::new("bash").args(["-n", "-c", script]).output().expect("bash");
    assert!(output.status.success(), "{at}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn every_shell_block_runs_against_a_booth_and_answers_as_shown() {
    for tool in TOOLS {
        let found = Command::new(tool).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(found.is_ok(), "{tool} is missing: the documents' examples use it");
    }
    let folder = TempDir::new().expect("a folder");
    let _booth = Process::start(&folder.path().join(".tokenbooth"));
    build(folder.path());
    let mut faults = Vec::new();
    for page in pages() {
        faults.extend(faults_of(&page, folder.path()).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Puts the binary where `cargo run` would have built it.
fn build(folder: &Path) {
    let built = folder.join("target/debug");
    std::fs::create_dir_all(&built).expect("a folder");
    let binary = env!("CARGO_BIN_EXE_booth-under-test");
    std::os::unix::fs::symlink(binary, built.join("tokenbooth")).expect("a link");
}

/// Runs a page in one shell and compares what it prints with what it shows.
async fn faults_of(page: &Page, folder: &Path) -> Vec<String> {
    let blocks = page.blocks();
    let outputs = TempDir::new().expect("a folder");
    let output_of = |block: &Block| outputs.path().join(block.line.to_string());
    let mut script = String::from("set -euo pipefail\n");
    for block in blocks.iter().filter(|block| block.info == "sh") {
        let (place, output) = (format!("{}:{}", page.path, block.line), output_of(block));
        script.push_str(&format!("echo '== {place}' >&2\n{{\n{}}} >'{}'\n", block.text, output.display()));
    }
    let ended = run(shell(&script, folder)).await;
    if !ended.status.success() {
        return vec![format!("{} fails:\n{}", page.path, String::from_utf8_lossy(&ended.stderr))];
    }
    let answered = blocks.iter().zip(blocks.iter().skip(1)).filter(|(block, _)| block.info == "sh");
    let compared = answered.filter_map(|(block, shown)| {
        let real = std::fs::read_to_string(output_of(block)).expect("an output");
        let fault = difference(shown, &real)?;
        Some(format!("{}:{} shows another answer: {fault}\n{real}", page.path, shown.line))
    });
    compared.collect()
}

/// A shell without the settings of this process.
fn shell(script: &str, folder: &Path) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(folder).stdin(Stdio::null()).env_clear();
    for name in ["PATH", "HOME", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}
