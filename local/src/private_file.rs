//! Files and folders that only their owner can read.

use std::io::{Error, ErrorKind, Result, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Creates the folder and its parents.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes the access of all other users to a folder.
pub(crate) fn restrict_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Creates an empty file if it does not exist.
pub(crate) fn create(path: &Path) -> Result<()> {
    options().create(true).append(true).open(path).map(drop)
}

/// Writes `text` as the whole file, or leaves the file as it was.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    PendingFile::open(path)?.write(text)
}

/// A file that can be written, and is not written yet.
pub(crate) struct PendingFile<'p> {
    path: &'p Path,
    /// Gets the text, and is then renamed to `path`.
    temporary: NamedTempFile,
}

impl<'p> PendingFile<'p> {
    /// Checks that `path` can be written.
    pub(crate) fn open(path: &'p Path) -> Result<Self> {
        let failed = |error| cannot_write(path, &error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // `NamedTempFile` would name its own path in the error.
        std::fs::metadata(folder).map_err(failed)?;
        if path.is_dir() {
            return Err(failed(ErrorKind::IsADirectory.into()));
        }
        let temporary = NamedTempFile::new_in(folder).map_err(failed)?; // 0600
        Ok(Self { path, temporary })
    }

    /// Writes `text` as the whole file.
    pub(crate) fn write(mut self, text: &str) -> Result<()> {
        self.append(text)?;
        self.finish()
    }

    /// Adds `text` to what will be the file.
    pub(crate) fn append(&mut self, text: &str) -> Result<()> {
        self.temporary.write_all(text.as_bytes()).map_err(|error| cannot_write(self.path, &error))
    }

    /// Puts what was added in the place of the file.
    pub(crate) fn finish(self) -> Result<()> {
        let failed = |error| cannot_write(self.path, &error);
        self.temporary.as_file().sync_all().map_err(failed)?;
        self.temporary.persist(self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn cannot_write(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
}

fn options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
