//! The data keys in a local file (A10).

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use model::{SignedDuration, Timestamp};
use store::{Rotation, RotationStep, WriteError};

use crate::local::embedded::{ProxiedBooth, booth_behind_proxy};
use crate::local::process::{command, run, stdout};
use crate::local::proxy::Fault;

async fn rotate(booth: &ProxiedBooth, mut now: Timestamp) -> Result<Timestamp, WriteError> {
    let mut rotation = Rotation::new(&booth.start.table, &booth.start.data_key);
    loop {
        match rotation.advance(now).await? {
            RotationStep::Wait { until } => now = until,
            RotationStep::Finished => return Ok(now),
            _ => {}
        }
    }
}

/// The keys in the file, which only its owner can read.
fn keys(path: &Path) -> Vec<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::read_to_string(path).expect("a file").lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a10_a_rotation_killed_at_any_write_keeps_every_key_that_is_needed_in_the_file() {
    let booth = booth_behind_proxy(0).await;
    let path = booth.data_key_file();
    let mut now = booth.start.clock.now();
    for (case, fault) in [("before", Fault::Exception("InternalServerError")), ("after", Fault::ResponseLost)]
    {
        for writes in 0.. {
            let before = keys(&path);
            booth.proxy.fail_after("TransactWriteItems", writes, usize::MAX, fault);
            let interrupted = rotate(&booth, now).await;
            booth.proxy.stop_failing();
            booth.start.issuing_directory().await.expect("functions start");
            assert!(keys(&path).len() <= 2, "killed {case} write {writes}");
            now = rotate(&booth, now).await.expect("the second run ends");
            let after = keys(&path);
            assert!(after.len() == 1 && after != before, "killed {case} write {writes}");
            now += SignedDuration::from_secs(1);
            if interrupted.is_ok() {
                assert!(writes > 9, "only {writes} writes");
                break;
            }
        }
    }
    let key = &booth.world.demo.api_key;
    booth.world.redeem(key).await.expect(200);
}

#[tokio::test]
async fn a10_the_command_says_what_it_waits_for_and_a_killed_one_can_be_undone() {
    let booth = booth_behind_proxy(0).await;
    let before = keys(&booth.data_key_file());
    let mut rotate = command(["rotate-data-key"]);
    rotate.envs(booth.environment()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = rotate.spawn().expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("an output")).lines();
    let lines = tokio::task::spawn_blocking(|| lines.take(2).collect::<Result<Vec<_>, _>>().expect("lines"));
    let lines = lines.await.expect("two lines");
    child.kill().expect("killed");
    child.wait().expect("a status");
    assert!(lines[0].starts_with("added a new data key"), "{lines:?}");
    assert!(lines[1].starts_with("waits until 20"), "{lines:?}");
    assert_eq!(keys(&booth.data_key_file()).len(), 2);

    let mut cancel = command(["rotate-data-key", "--cancel"]);
    cancel.envs(booth.environment());
    let output = run(cancel).await;
    assert_eq!(stdout(&output), "removed the new data key\n", "{output:?}");
    assert_eq!(keys(&booth.data_key_file()), before);
    booth.start.issuing_directory().await.expect("functions start");
}
