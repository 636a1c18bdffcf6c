//! The command `tokenbooth` as a process.

use std::ffi::OsStr;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::tenant::Tenant;
use crate::support::world::World;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command with none of this process's settings.
pub(super) fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_booth-under-test"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TOKENBOOTH_") || text.starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs it to its end, which must come by itself. Does not hold up what else this test runs.
pub(super) async fn run(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let output = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = tokio::time::timeout(PATIENCE, output).await.expect("an end");
    output.expect("waited for").expect("an output")
}

/// What it said on standard output.
pub(super) fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Why it failed, with exit code 1: one line on standard error.
#[track_caller]
pub(super) fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{}{text}", said(output));
    let lines: Vec<_> = text.lines().collect();
    assert!(matches!(&lines[..], [line] if line.starts_with("tokenbooth: ")), "{text}");
    text
}

/// A booth that runs; it is killed with the test that started it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) demo: Tenant,
}

impl Process {
    /// Starts a booth with its data in `data` and waits until it listens.
    pub(super) fn start(data: &Path) -> Self {
        let log = std::fs::File::create(data.with_extension("log")).expect("a file");
        let mut serve = command(serve(data));
        serve.stdout(Stdio::null()).stderr(log);
        Self::start_with(data, serve)
    }

    /// The same from a prepared command.
    pub(super) fn start_with(data: &Path, mut command: Command) -> Self {
        let demo = demo_json(data);
        if demo.exists() {
            std::fs::remove_file(&demo).expect("removed");
        }
        let mut child = command.arg("--demo-json").arg(&demo).spawn().expect("a process");
        let ready = until(|| match child.try_wait().expect("a status") {
            Some(status) => {
                let log = std::fs::read_to_string(data.with_extension("log")).unwrap_or_default();
                panic!("it ended: {status} {log}")
            }
            None => demo.exists().then(|| Tenant::read(&demo.to_string_lossy())).filter(listens),
        });
        Self { child, demo: ready }
    }

    /// A world of its demo tenant.
    pub(super) fn world(&self) -> World {
        World::new(&self.demo.url, self.demo.clone(), self.demo.clone())
    }

    /// Sends it a signal and waits for its end.
    pub(super) fn end(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("a status");
        assert!(sent.success(), "kill {signal}");
        until(|| self.child.try_wait().expect("a status"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to kill.
        let _: std::io::Result<()> = self.child.kill();
        let _: std::io::Result<ExitStatus> = self.child.wait();
    }
}

/// The arguments of a booth on free ports with its data in `data`.
pub(super) fn serve(data: &Path) -> [&OsStr; 7] {
    let text = |text| OsStr::new(text);
    let free = text("127.0.0.1:0");
    [text("serve"), text("--listen"), free, text("--dynamodb"), free, text("--data"), data.as_os_str()]
}

/// Where a process tells of its demo tenant: beside its data.
pub(super) fn demo_json(data: &Path) -> PathBuf {
    data.with_extension("demo.json")
}

/// The variables in a booth's `function.env`.
pub(super) fn environment(data: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(data.join("function.env")).expect("function.env");
    let pairs = text.lines().map(|line| line.split_once('=').expect("NAME=value"));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn listens(demo: &Tenant) -> bool {
    TcpStream::connect(demo.url.trim_start_matches("http://")).is_ok()
}

/// Asks again until there is an answer.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "nothing within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
