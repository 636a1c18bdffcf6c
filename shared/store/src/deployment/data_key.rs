//! The deployment's data key: wrapped by KMS, or in a local file.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::primitives::Blob;
use crypto::DataKey;
use data_encoding::BASE64;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

/// Where the data key comes from.
#[derive(Debug, Clone)]
pub enum DataKeySource {
    /// Wrapped in the table, unwrapped by KMS. Creating it needs the id of the KMS key.
    Kms {
        /// The KMS client.
        client: aws_sdk_kms::Client,
        /// The key that wraps a new data key.
        key_id: Option<String>,
    },
    /// A file only its owner can read: local use.
    File(DataKeyFile),
}

/// A file with the data key, 32 bytes in Base64.
#[derive(Debug, Clone)]
pub struct DataKeyFile(PathBuf);

/// The item every deployment has: which data key it was made with.
#[derive(Debug, Serialize, Deserialize)]
struct Deployment {
    fingerprint: String,
    wrapped: Option<serde_bytes::ByteBuf>,
    created_at: Timestamp,
}

/// The KMS encryption context, which `template.yaml`'s policies ask for as well.
const CONTEXT: &str = "tokenbooth:table";

impl DataKeySource {
    /// The data key of the deployment in `table`.
    ///
    /// # Errors
    /// [`StoreError`]: not initialised, KMS refuses or is away, the key is not the one the table was made with.
    pub async fn open(&self, table: &Table) -> Result<DataKey, StoreError> {
        let deployment: Option<Deployment> = table.read(&key::deployment(), "read deployment").await?;
        let deployment =
            deployment.ok_or(StoreError::NotInitialised { what: "the deployment's data key" })?;
        let bytes = match self {
            Self::Kms { client, .. } => unwrap(client, table, &deployment).await?,
            Self::File(file) => file.read()?.ok_or_else(|| {
                let path = file.path().display();
                StoreError::damaged("read data key")(format!(
                    "the data key file {path} is missing; put it back, nothing else opens this table"
                ))
            })?,
        };
        let data_key = DataKey::new(&bytes).map_err(StoreError::damaged("read data key"))?;
        if data_key.fingerprint() == deployment.fingerprint {
            Ok(data_key)
        } else {
            Err(StoreError::damaged("read data key")(
                "this is not the key the table was made with; put the old one back",
            ))
        }
    }

    /// Makes the data key of a new deployment; [`Refusal::Stale`] if there is one.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create(&self, table: &Table, now: Timestamp) -> Result<DataKey, WriteError> {
        let there: Option<Deployment> = table.read(&key::deployment(), "read deployment").await?;
        if there.is_some() {
            return Err(Refusal::Stale.into());
        }
        let (bytes, wrapped) = match self {
            Self::Kms { client, key_id } => {
                let (bytes, wrapped) = generate(client, key_id.as_deref(), table).await?;
                (bytes, Some(wrapped))
            }
            Self::File(file) => (file.read_or_create()?, None),
        };
        let data_key = DataKey::new(&bytes).map_err(StoreError::damaged("create data key"))?;
        let fingerprint = data_key.fingerprint().to_owned();
        let mut transaction = Transaction::new(table, "create deployment");
        let deployment = Deployment { fingerprint, wrapped, created_at: now };
        transaction.create(&key::deployment(), &deployment, Refusal::Stale)?;
        transaction.commit().await?;
        Ok(data_key)
    }
}

async fn unwrap(
    client: &aws_sdk_kms::Client,
    table: &Table,
    deployment: &Deployment,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    const WHAT: &str = "unwrap data key";
    let wrapped = deployment.wrapped.as_ref();
    let wrapped = wrapped.ok_or(StoreError::NotInitialised { what: "a data key wrapped by KMS" })?;
    let request = client.decrypt().ciphertext_blob(Blob::new(wrapped.as_slice()));
    let answer = request.encryption_context(CONTEXT, table.name()).send().await;
    let plain = answer.map_err(StoreError::failed(WHAT))?.plaintext;
    Ok(Zeroizing::new(
        plain.ok_or_else(|| StoreError::damaged(WHAT)("KMS answered without a key"))?.into_inner(),
    ))
}

async fn generate(
    client: &aws_sdk_kms::Client,
    key_id: Option<&str>,
    table: &Table,
) -> Result<(Zeroizing<Vec<u8>>, serde_bytes::ByteBuf), StoreError> {
    const WHAT: &str = "generate data key";
    let key_id = key_id.ok_or(StoreError::NotInitialised { what: "the KMS key's id" })?;
    let request = client.generate_data_key().key_id(key_id).number_of_bytes(32);
    let answer = request.encryption_context(CONTEXT, table.name()).send().await;
    let answer = answer.map_err(StoreError::failed(WHAT))?;
    match (answer.plaintext, answer.ciphertext_blob) {
        (Some(plain), Some(wrapped)) => {
            Ok((Zeroizing::new(plain.into_inner()), serde_bytes::ByteBuf::from(wrapped.into_inner())))
        }
        _ => Err(StoreError::damaged(WHAT)("KMS answered without a key")),
    }
}

impl DataKeyFile {
    /// The file at that path.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        const WHAT: &str = "read data key file";
        let text = match std::fs::read(&self.0) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::damaged(WHAT)(error)),
        };
        let bytes = BASE64.decode(text.trim_ascii()).map_err(|_| "it does not hold a key in Base64");
        bytes.map(|bytes| Some(Zeroizing::new(bytes))).map_err(StoreError::damaged(WHAT))
    }

    /// The key in the file; a new one, readable by its owner alone, if there is no file.
    fn read_or_create(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        const WHAT: &str = "create data key file";
        if let Some(bytes) = self.read()? {
            return Ok(bytes);
        }
        let bytes = DataKey::generate().map_err(StoreError::damaged(WHAT))?;
        let text = Zeroizing::new(BASE64.encode(&bytes[..]));
        write_private(&self.0, text.as_bytes()).map_err(StoreError::damaged(WHAT))?;
        Ok(Zeroizing::new(bytes.to_vec()))
    }
}

/// Writes a file only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
