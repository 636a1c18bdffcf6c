//! Files and folders only their owner can read.

use std::io::{Error, Result, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Makes the folder and its parents, closed to others.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Closes a folder to others.
pub(crate) fn close(path: &Path) -> Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Makes an empty file closed to others, if there is none.
pub(crate) fn touch(path: &Path) -> Result<()> {
    options().create(true).append(true).open(path).map(drop)
}

/// Writes `text` as the whole file, or leaves the file as it was.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    Pending::open(path)?.write(text)
}

/// A file that can certainly be written, and is not written yet.
pub(crate) struct Pending<'p> {
    path: &'p Path,
    beside: NamedTempFile,
}

impl<'p> Pending<'p> {
    /// Makes sure that `path` can be written.
    pub(crate) fn open(path: &'p Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = NamedTempFile::new_in(folder); // 0600
        let beside =
            beside.map_err(|error| Error::new(error.kind(), format!("cannot write {}", path.display())))?;
        Ok(Self { path, beside })
    }

    /// Writes `text` as the whole file.
    pub(crate) fn write(mut self, text: &str) -> Result<()> {
        self.beside.write_all(text.as_bytes())?;
        self.beside.as_file().sync_all()?;
        self.beside.persist(self.path)?;
        Ok(())
    }
}

fn options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
