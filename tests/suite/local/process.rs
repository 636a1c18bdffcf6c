//! The command `tokenbooth` as a process.

use std::ffi::OsStr;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::tenant::Tenant;
use crate::support::world::World;

/// The longest time that a process may need on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The command `tokenbooth`, without the `TOKENBOOTH_` and `AWS_` variables of this process.
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

/// Runs the command until it exits, without blocking the other tasks of the test.
pub(super) async fn run(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let exit = tokio::task::spawn_blocking(move || child.wait_with_output());
    tokio::time::timeout(TIMEOUT, exit)
        .await
        .expect("an exit in time")
        .expect("a joined task")
        .expect("an output")
}

/// The standard output.
pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Asserts exit code 1 and one line on standard error, and returns that line.
#[track_caller]
pub(super) fn error_message(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{}{text}", stdout(output));
    let lines: Vec<_> = text.lines().collect();
    assert!(matches!(&lines[..], [line] if line.starts_with("tokenbooth: ")), "{text}");
    text
}

/// A running booth. It is killed when the test ends.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) demo: Tenant,
}

impl Process {
    /// Starts a booth with its data in `data` and waits until it listens.
    pub(super) fn start(data: &Path) -> Self {
        let log = std::fs::File::create(data.with_extension("log")).expect("a file");
        let mut serve = command(serve_arguments(data));
        serve.stdout(Stdio::null()).stderr(log);
        Self::start_with(data, serve)
    }

    /// Starts a booth with this command and waits until it listens.
    pub(super) fn start_with(data: &Path, mut command: Command) -> Self {
        let demo = demo_json_path(data);
        if demo.exists() {
            std::fs::remove_file(&demo).expect("removed");
        }
        let mut child = command.arg("--demo-json").arg(&demo).spawn().expect("a process");
        let ready = wait_for(|| match child.try_wait().expect("a status") {
            Some(status) => {
                let log = std::fs::read_to_string(data.with_extension("log")).unwrap_or_default();
                panic!("the booth exited: {status} {log}")
            }
            None => demo.exists().then(|| Tenant::read(&demo.to_string_lossy())).filter(listens),
        });
        Self { child, demo: ready }
    }

    /// A `World` for this booth. Both of its tenants are the demo tenant.
    pub(super) fn world(&self) -> World {
        World::new(&self.demo.url, self.demo.clone(), self.demo.clone())
    }

    /// Sends a signal and waits until the process exits.
    pub(super) fn stop(mut self, signal: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("a status");
        assert!(sent.success(), "kill {signal}");
        wait_for(|| self.child.try_wait().expect("a status"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have exited already.
        let _: std::io::Result<()> = self.child.kill();
        let _: std::io::Result<ExitStatus> = self.child.wait();
    }
}

/// The arguments of `serve` on free ports, with the data in `data`.
pub(super) fn serve_arguments(data: &Path) -> [&OsStr; 7] {
    let text = |text| OsStr::new(text);
    let free = text("127.0.0.1:0");
    [text("serve"), text("--listen"), free, text("--dynamodb"), free, text("--data"), data.as_os_str()]
}

/// The file for a booth's demo tenant, beside its data folder.
pub(super) fn demo_json_path(data: &Path) -> PathBuf {
    data.with_extension("demo.json")
}

/// The variables in a booth's `function.env`.
pub(super) fn function_env(data: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(data.join("function.env")).expect("function.env");
    let pairs = text.lines().map(|line| line.split_once('=').expect("NAME=value"));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn listens(demo: &Tenant) -> bool {
    TcpStream::connect(demo.url.trim_start_matches("http://")).is_ok()
}

/// Repeats a check until it returns a value.
fn wait_for<T>(mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(Instant::now() < deadline, "no result within {TIMEOUT:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
