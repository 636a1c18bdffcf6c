//! An attacker has another user on the operator's computer, and wants the data key that a rotation writes to the file.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use store::{DataKeyFile, DataKeySource, Rotation, RotationStep};
use tempfile::TempDir;

use crate::local::embedded::booth_behind_proxy;

/// Begins a rotation when `prepare` has left something at the path of the new file.
async fn rotate_with_leftover(prepare: impl FnOnce(&Path)) -> TempDir {
    let booth = booth_behind_proxy(0).await;
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("data.key");
    std::fs::copy(booth.data_key_file(), &path).expect("copied");
    prepare(&folder.path().join("data.key.new"));
    let source = DataKeySource::File(DataKeyFile::at(&path));
    let added = Rotation::new(&booth.start.table, &source).advance(booth.start.clock.now()).await;
    assert_eq!(added.expect("a step"), RotationStep::Added);
    let metadata = std::fs::symlink_metadata(&path).expect("a file");
    assert!(metadata.is_file(), "{metadata:?}");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&path).expect("a file").lines().count(), 2);
    folder
}

#[tokio::test]
async fn a10_a_leftover_file_that_everyone_reads_does_not_become_the_data_key_file() {
    rotate_with_leftover(|new| {
        std::fs::write(new, "left over").expect("written");
        std::fs::set_permissions(new, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    })
    .await;
}

#[tokio::test]
async fn a10_the_data_key_is_not_written_through_a_symbolic_link() {
    let target = |path: &Path| path.with_file_name("target");
    let folder = rotate_with_leftover(|new| {
        std::fs::write(target(new), "before").expect("written");
        symlink(target(new), new).expect("a link");
    })
    .await;
    let target = std::fs::read_to_string(folder.path().join("target")).expect("a file");
    assert_eq!(target, "before");
}
