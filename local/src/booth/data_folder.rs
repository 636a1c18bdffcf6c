//! The folder that holds a booth's data.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::booth::error::BoothError;
use crate::private_file;

/// A folder that one booth uses at a time.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
    /// Deletes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl DataFolder {
    /// Creates the folder if it does not exist, and locks it. `None` creates a temporary one.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, BoothError> {
        let (path, temporary) = match path {
            Some(path) => {
                let created = private_file::create_folder(&path);
                created.map_err(|source| BoothError::Folder { folder: path.clone(), source })?;
                (path, None)
            }
            None => {
                let temporary = TempDir::with_prefix("tokenbooth-").map_err(BoothError::boot)?;
                private_file::restrict_folder(temporary.path()).map_err(BoothError::boot)?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let lock = lock_folder(&path)?;
        Ok(Self { path, _lock: lock, _temporary: temporary })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `text` to the file of that name; only its owner can read it.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), BoothError> {
        private_file::write(&self.path.join(name), text).map_err(|source| self.unwritable(source))
    }

    pub(crate) fn unwritable(&self, source: std::io::Error) -> BoothError {
        BoothError::Folder { folder: self.path.clone(), source }
    }
}

/// Locks the folder, because two booths with one data file would overwrite each other's changes.
fn lock_folder(folder: &Path) -> Result<File, BoothError> {
    let path = folder.join("lock");
    let unwritable = |source| BoothError::Folder { folder: folder.to_owned(), source };
    private_file::create(&path).map_err(unwritable)?;
    let file = File::options().append(true).open(&path).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BoothError::InUse(folder.to_owned())),
        // Some network file systems have no locks.
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(source)) => Err(unwritable(source)),
    }
}
