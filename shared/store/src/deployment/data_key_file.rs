//! The data keys in a local file, for use without KMS.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crypto::DataKey;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// The 32 bytes of a data key.
pub(super) type DataKeyBytes = Zeroizing<Vec<u8>>;

/// A file with the 32 bytes of a data key in Base64. During a rotation it has two lines, one for each key.
#[derive(Debug, Clone)]
pub struct DataKeyFile(PathBuf);

/// No other command changes the file while this exists.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
}

/// Without this, a process that is being started at this moment keeps the lock: until it executes its program, it has a copy
/// of the open file. An error has no effect: closing the file ends the lock, too.
impl Drop for FileLock {
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

/// A rotation needs a few keys at most; a longer file is not ours.
const MAX_KEYS: usize = 16;

impl DataKeyFile {
    /// The file at `path`.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the keys. Returns `None` if the file does not exist.
    pub(super) fn read(&self) -> Result<Option<Vec<DataKeyBytes>>, StoreError> {
        const STEP: &str = "read data key file";
        let text = match std::fs::read(&self.0) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::damaged(STEP)(error)),
        };
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let decode = |line| BASE64.decode(line).map(Zeroizing::new);
        let decoded: Result<Vec<_>, _> = lines.take(MAX_KEYS).map(decode).collect();
        let keys = decoded.map_err(|_| StoreError::damaged(STEP)("it does not hold a key in Base64"))?;
        if keys.is_empty() { Err(StoreError::damaged(STEP)("it is empty")) } else { Ok(Some(keys)) }
    }

    /// Reads the first key. If the file does not exist, creates it with a new key, readable only by its owner.
    pub(super) fn read_or_create(&self) -> Result<DataKeyBytes, StoreError> {
        match self.read()?.and_then(|keys| keys.into_iter().next()) {
            Some(bytes) => Ok(bytes),
            None => self.append_to(Vec::new(), "create data key file"),
        }
    }

    /// Adds a new key after those in the file.
    pub(super) fn add(&self) -> Result<DataKeyBytes, StoreError> {
        self.append_to(self.read()?.unwrap_or_default(), "add data key to file")
    }

    /// Removes the keys whose fingerprints are not in `kept`. Does nothing if there are none, or if nothing would be left.
    pub(super) fn keep_only(&self, kept: &[&str]) -> Result<(), StoreError> {
        const STEP: &str = "remove data key from file";
        let keys = self.read()?.unwrap_or_default();
        let mut left = Vec::with_capacity(keys.len());
        for bytes in &keys {
            let data_key = DataKey::new(bytes).map_err(StoreError::damaged(STEP))?;
            if kept.contains(&data_key.fingerprint()) {
                left.push(bytes);
            }
        }
        if left.is_empty() || left.len() == keys.len() {
            return Ok(());
        }
        self.write(left.into_iter(), STEP)
    }

    /// Keeps other commands from changing the file. Functions may read it.
    pub(super) fn lock(&self) -> Result<FileLock, StoreError> {
        const STEP: &str = "lock data key file";
        let path = self.0.with_added_extension("lock");
        let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(StoreError::damaged(STEP))?;
        match file.try_lock() {
            Ok(()) => Ok(FileLock { file }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::damaged(STEP)("another command changes it at the same time"))
            }
            Err(TryLockError::Error(error)) => Err(StoreError::damaged(STEP)(error)),
        }
    }

    fn append_to(&self, keys: Vec<DataKeyBytes>, step: &'static str) -> Result<DataKeyBytes, StoreError> {
        let generated = DataKey::generate().map_err(StoreError::damaged(step))?;
        let new = Zeroizing::new(generated.to_vec());
        self.write(keys.iter().chain([&new]), step)?;
        Ok(new)
    }

    fn write<'k>(
        &self,
        keys: impl Iterator<Item = &'k DataKeyBytes>,
        step: &'static str,
    ) -> Result<(), StoreError> {
        let lines: Zeroizing<Vec<String>> = Zeroizing::new(keys.map(|bytes| BASE64.encode(bytes)).collect());
        let text = Zeroizing::new(lines.join("\n"));
        write_private(&self.0, text.as_bytes()).map_err(StoreError::damaged(step))
    }
}

/// Writes a file that only its owner can read, completely or not at all. The new file is never one that exists already: that
/// one may have another owner or mode, or be a symbolic link.
fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let new_path = path.with_added_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match std::fs::remove_file(&new_path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(&new_path)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&new_path, path)
}
