//! The documents: README and every page below `docs/`.
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

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::contract::project;
use super::process::{Process, run};

/// Languages of blocks that are not for a shell.
const OTHER_LANGUAGES: [&str; 7] = ["json", "text", "python", "js", "xml", "http", "yaml"];

/// What the blocks use besides `tokenbooth`. Everyone who builds the project is expected to have them.
const TOOLS: [&str; 5] = ["bash", "curl", "openssl", "python3", "sed"];

/// README is read in five minutes.
const LONGEST_README: usize = 180;

/// A fenced block of a page.
struct Block {
    /// The line of its fence.
    line: usize,
    /// Language and mark.
    info: String,
    text: String,
}

/// A page and its path below the project.
struct Page {
    path: String,
    text: String,
}

impl Page {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (line, text) in (1..).zip(self.text.lines()) {
            let fence = text.trim_start().strip_prefix("```");
            open = match (open, fence) {
                (None, Some(info)) => Some(Block { line, info: info.to_owned(), text: String::new() }),
                (Some(block), Some(_)) => {
                    blocks.push(block);
                    None
                }
                (Some(mut block), None) => {
                    block.text.push_str(text);
                    block.text.push('\n');
                    Some(block)
                }
                (None, None) => None,
            };
        }
        assert!(open.is_none(), "{}: a block does not end", self.path);
        blocks
    }

    /// Its lines outside of blocks.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_block = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_block ^= is_fence;
            !is_block && !is_fence
        })
    }

    /// The anchors of its headings, as GitHub makes them.
    fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose().filter_map(|line| line.strip_prefix('#'));
        let kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
        headings
            .map(|heading| heading.trim_start_matches('#').trim().to_lowercase())
            .map(|heading| heading.chars().filter(kept).collect::<String>().replace(' ', "-"))
            .collect()
    }

    /// Where its links and pictures lead.
    fn links(&self) -> Vec<String> {
        let starts = ["](", "src=\"", "srcset=\""];
        let mut links = Vec::new();
        for line in self.prose() {
            for start in starts {
                let rests = line.split(start).skip(1);
                links.extend(rests.filter_map(|rest| rest.split([')', '"']).next()).map(str::to_owned));
            }
        }
        links
    }
}

/// Every document, README first.
fn pages() -> Vec<Page> {
    let mut paths = Vec::new();
    collect(&project("docs"), &mut paths);
    paths.sort();
    std::iter::once("README.md".to_owned()).chain(paths).map(|path| Page::read(&path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let shown = path.strip_prefix(project("")).expect("below the project");
            paths.push(shown.to_str().expect("UTF-8").to_owned());
        }
    }
}

#[test]
fn readme_is_short_and_leads_to_every_page() {
    let pages = pages();
    let readme = &pages[0];
    let lines = readme.text.lines().count();
    assert!(lines <= LONGEST_README, "README has {lines} lines, and may have {LONGEST_README}");
    let links = readme.links();
    for page in &pages[1..] {
        assert!(links.iter().any(|link| link.split('#').next() == Some(&page.path)), "{}", page.path);
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = pages();
    pages.extend(["ARCHITECTURE.md", "CONTRIBUTING.md"].map(Page::read));
    for page in &pages {
        for link in page.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { project(&page.path) } else { beside(page, path) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.path);
            if !anchor.is_empty() {
                let target = Page::read(&target.display().to_string());
                assert!(target.anchors().contains(anchor), "{}: {link} has no such heading", page.path);
            }
        }
    }
}

fn beside(page: &Page, path: &str) -> PathBuf {
    project(&page.path).parent().expect("a folder").join(path)
}

#[test]
fn every_block_has_a_language_and_every_shell_block_a_known_mark() {
    for page in pages() {
        for block in page.blocks() {
            let at = format!("{}:{}", page.path, block.line);
            let (language, mark) = block.info.split_once(' ').unwrap_or((&block.info, ""));
            if language == "sh" {
                assert!(["", "start", "build", "aws"].contains(&mark), "{at}: sh {mark}");
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

/// How a shown answer differs from the real one.
fn difference(shown: &Block, real: &str) -> Option<String> {
    match shown.info.as_str() {
        "json" => {
            let read = |text| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            match (read(&shown.text), read(real)) {
                (Ok(shown), Ok(real)) => unlike("", &shown, &real),
                (Err(error), _) => Some(format!("the shown one is no JSON: {error}")),
                (_, Err(error)) => Some(format!("the real one is no JSON: {error}")),
            }
        }
        "text" => {
            let (shown, real) = (shown.text.lines().count(), real.lines().count());
            (shown != real).then(|| format!("{shown} lines, and not {real}"))
        }
        _ => None,
    }
}

/// Where two values have other fields or types. Of arrays the first items are compared.
fn unlike(at: &str, shown: &Value, real: &Value) -> Option<String> {
    match (shown, real) {
        (Value::Object(shown), Value::Object(real)) => {
            let (of_shown, of_real): (BTreeSet<_>, BTreeSet<_>) =
                (shown.keys().collect(), real.keys().collect());
            if of_shown != of_real {
                return Some(format!("{at} has {of_real:?}, and not {of_shown:?}"));
            }
            shown.iter().find_map(|(name, value)| unlike(&format!("{at}/{name}"), value, &real[name]))
        }
        (Value::Array(shown), Value::Array(real)) => match (shown.first(), real.first()) {
            (Some(shown), Some(real)) => unlike(&format!("{at}/0"), shown, real),
            (None, None) => None,
            _ => Some(format!("{at} has {} items, and not {}", real.len(), shown.len())),
        },
        _ if std::mem::discriminant(shown) == std::mem::discriminant(real) => None,
        _ => Some(format!("{at} is {real}")),
    }
}
