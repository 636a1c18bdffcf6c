//! The data key in a local file, for use without KMS.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crypto::DataKey;
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// A file with the 32 bytes of the data key in Base64.
#[derive(Debug, Clone)]
pub struct DataKeyFile(PathBuf);

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

    /// Reads the key. Returns `None` if the file does not exist.
    pub(crate) fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        const STEP: &str = "read data key file";
        let text = match std::fs::read(&self.0) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::damaged(STEP)(error)),
        };
        let bytes = BASE64.decode(text.trim_ascii()).map_err(|_| "it does not hold a key in Base64");
        bytes.map(|bytes| Some(Zeroizing::new(bytes))).map_err(StoreError::damaged(STEP))
    }

    /// Reads the key. If the file does not exist, creates it with a new key, readable only by its owner.
    pub(crate) fn read_or_create(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        const STEP: &str = "create data key file";
        if let Some(bytes) = self.read()? {
            return Ok(bytes);
        }
        let bytes = DataKey::generate().map_err(StoreError::damaged(STEP))?;
        let text = Zeroizing::new(BASE64.encode(&bytes[..]));
        write_private(&self.0, text.as_bytes()).map_err(StoreError::damaged(STEP))?;
        Ok(Zeroizing::new(bytes.to_vec()))
    }
}

/// Writes a file that only its owner can read, completely or not at all.
fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let new_path = path.with_added_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new_path)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&new_path, path)
}
