//! Why a booth cannot start.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::BootError;

/// Why a booth cannot start. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BoothError {
    /// The booth cannot listen on the address.
    #[error("cannot listen on {address}; choose another with {option} ADDR:PORT (port 0 takes a free one)")]
    Port {
        /// The address.
        address: SocketAddr,
        /// The option that sets it.
        option: &'static str,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The data folder cannot be used.
    #[error("cannot write to the data folder {}; choose another with --data DIR, or --ephemeral for none", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// Another booth uses the data folder.
    #[error("another booth is using the data folder {}; stop it, or choose another folder with --data DIR", .0.display())]
    InUse(PathBuf),
    /// The data file is damaged.
    #[error("the data file {} is damaged or not a booth's; it was left as it is: restore it, or choose another folder with --data DIR", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The error of the database.
        source: BootError,
    },
    /// Any other error.
    #[error("the booth cannot start")]
    Boot(#[source] BootError),
}

impl BoothError {
    /// [`BoothError::Boot`] with any error as its source.
    pub(crate) fn boot(error: impl Into<BootError>) -> Self {
        Self::Boot(error.into())
    }
}
