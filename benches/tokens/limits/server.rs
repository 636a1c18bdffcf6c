//! `tokenbooth serve` as a process of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokenbooth::Demo;

use crate::Outcome;

/// The first argument that makes this benchmark run `tokenbooth` instead. It has the same code in the same profile, and a
/// build of the command itself would take minutes.
pub(crate) const SERVE: &str = "serve";

/// How long a server may take to start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running server. It is killed when this is dropped.
pub(super) struct Server {
    pub(super) demo: Demo,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts a server with `--rate-limits on` or `off`, and waits for its demo tenant.
    pub(super) async fn start(rate_limits: &str) -> Outcome<Self> {
        let folder = TempDir::new()?;
        let demo_file = folder.path().join("demo.json");
        let mut command = Command::new(std::env::current_exe()?);
        command.env_clear().env("TMPDIR", folder.path());
        command.args([SERVE, "--ephemeral", "--listen", "0", "--log", "json", "--rate-limits", rate_limits]);
        command.arg("--demo-json").arg(&demo_file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn()?;
        let started = Instant::now();
        while started.elapsed() < TIMEOUT {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let text = std::fs::read(&demo_file).unwrap_or_default();
            if let Ok(demo) = serde_json::from_slice(&text) {
                return Ok(Self { demo, process, _folder: folder });
            }
        }
        Err("tokenbooth serve did not start".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails only if the process has ended.
        let _: std::io::Result<()> = self.process.kill();
        let _: std::io::Result<std::process::ExitStatus> = self.process.wait();
    }
}
