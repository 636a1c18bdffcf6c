//! Why a table cannot be prepared.

use crypto::CryptoError;
use model::{ApiId, InvalidGrants};
use store::{ListError, StoreError, WriteError};

/// Why a table cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// A write failed or was refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A list cannot be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// A name breaks the rules for names.
    #[error("a name {0}")]
    Name(&'static str),
    /// A random value or a key cannot be made.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A list of grants breaks the rules for grants.
    #[error(transparent)]
    Grants(#[from] InvalidGrants),
    /// The identifier of an own API is at or below the new issuer.
    #[error(
        "the identifier of {0} is at or below this URL: choose another URL, or delete the API and wait a day"
    )]
    IdentifierAtUrl(ApiId),
    /// The table has another issuer.
    #[error("the issuer of this deployment is {current}, not {requested}; to change it, add --move-issuer")]
    OtherIssuer {
        /// The URL in the table.
        current: String,
        /// The requested URL.
        requested: String,
    },
}
