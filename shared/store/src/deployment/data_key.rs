//! Where the data keys of a deployment are: wrapped by KMS in the table, or in a local file.

use crypto::DataKey;
use model::Timestamp;

use crate::deployment::data_key_file::{DataKeyBytes, DataKeyFile, FileLock};
use crate::deployment::item::{DeploymentItem, StoredDataKey, WrappedKey};
use crate::deployment::kms::{EncryptionContext, Kms};
use crate::dynamodb::table::Table;
use crate::error::StoreError;

/// Where the data keys are.
#[derive(Debug, Clone)]
pub enum DataKeySource {
    /// In the table, wrapped by a KMS key.
    Kms {
        /// The KMS client.
        client: Kms,
        /// How to wrap a new data key. Only the operator's commands need it.
        wrapping: Option<Wrapping>,
        /// The name of the table when its data key was made, if the table is a copy under another name and the data key is
        /// wrapped for the name of the table. Only the operator's commands need it.
        original_table: Option<String>,
    },
    /// In a local file.
    File(DataKeyFile),
}

/// How KMS wraps a new data key.
#[derive(Debug, Clone)]
pub struct Wrapping {
    /// The KMS key.
    pub key_id: String,
    /// The name of the deployment, which is the encryption context. A copy of the table under another name has the same.
    /// `None` if the deployment has a name, which it keeps.
    pub deployment: Option<String>,
}

const READ: &str = "read data key";
const CREATE: &str = "create data key";
const NOT_GIVEN: &str = "give the KMS key and the deployment's name: --kms-key-id and --deployment";

impl DataKeySource {
    /// Reads `stored`: the key itself, and its bytes.
    pub(super) async fn open(&self, stored: &StoredDataKey) -> Result<(DataKey, DataKeyBytes), StoreError> {
        let candidates = match self {
            Self::Kms { client, .. } => {
                let not_wrapped = StoreError::NotInitialised { item: "a data key wrapped by KMS" };
                let wrapped = stored.wrapped.as_ref().ok_or(not_wrapped)?;
                vec![client.unwrap(&wrapped.context, &wrapped.bytes).await?]
            }
            Self::File(file) => file.read()?.ok_or_else(|| {
                let path = file.path().display();
                StoreError::damaged(READ)(format!(
                    "the data key file {path} is missing; put it back, nothing else opens this table"
                ))
            })?,
        };
        for bytes in candidates {
            let data_key = DataKey::new(&bytes).map_err(StoreError::damaged(READ))?;
            if data_key.fingerprint() == stored.fingerprint {
                return Ok((data_key, bytes));
            }
        }
        Err(StoreError::damaged(READ)("this is not the key the table was made with; put the old one back"))
    }

    /// The name of `table` when its data key was made.
    pub(super) fn first_name<'t>(&'t self, table: &'t Table) -> &'t str {
        match self {
            Self::Kms { original_table: Some(name), .. } => name,
            _ => table.name(),
        }
    }

    /// Opens the connection to KMS while `read` waits for DynamoDB.
    pub(super) async fn connect_during<T>(
        &self,
        read: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Kms { client, .. } => {
                let connect = async {
                    client.connect().await;
                    Ok(())
                };
                tokio::try_join!(read, connect).map(|(items, ())| items)
            }
            Self::File(_) => read.await,
        }
    }

    /// Makes the first data key of a deployment. A file that exists has it already.
    pub(super) async fn create_first(&self, now: Timestamp) -> Result<(StoredDataKey, DataKey), StoreError> {
        let (stored, data_key) = match self {
            Self::Kms { .. } => self.create(None, now).await?,
            Self::File(file) => in_file(file.read_or_create()?, now)?,
        };
        Ok((StoredDataKey { seals_since: Some(now), ..stored }, data_key))
    }

    /// Makes another data key, which does not seal yet. The deployment keeps its name, if it has one.
    pub(super) async fn create(
        &self,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<(StoredDataKey, DataKey), StoreError> {
        match self {
            Self::Kms { client, wrapping, .. } => {
                let Wrapping { key_id, deployment } = wrapping.as_ref().ok_or_else(|| failed(NOT_GIVEN))?;
                let context = match (name, deployment.as_deref()) {
                    (Some(name), Some(given)) if name != given => {
                        return Err(failed(&format!("the name of this deployment is {name}, not {given}")));
                    }
                    (Some(name), _) | (None, Some(name)) => EncryptionContext::deployment(name),
                    (None, None) => return Err(failed(NOT_GIVEN)),
                };
                let (plain, bytes) = client.generate(key_id, &context).await?;
                let data_key = DataKey::new(&plain).map_err(StoreError::damaged(CREATE))?;
                let wrapped = Some(WrappedKey { bytes, context });
                Ok((stored(&data_key, wrapped, now), data_key))
            }
            Self::File(file) => in_file(file.add()?, now),
        }
    }

    /// Removes the data keys that `item` does not list from the file, if the data keys are in a file.
    pub(super) fn keep_only(&self, item: &DeploymentItem) -> Result<(), StoreError> {
        let kept: Vec<&str> = item.data_keys.iter().map(|key| key.fingerprint.as_str()).collect();
        match self {
            Self::Kms { .. } => Ok(()),
            Self::File(file) => file.keep_only(&kept),
        }
    }

    /// Keeps other commands from changing the file, if the data keys are in a file.
    pub(super) fn lock(&self) -> Result<Option<FileLock>, StoreError> {
        match self {
            Self::Kms { .. } => Ok(None),
            Self::File(file) => file.lock().map(Some),
        }
    }
}

fn failed(reason: &str) -> StoreError {
    StoreError::damaged(CREATE)(reason)
}

fn in_file(bytes: DataKeyBytes, now: Timestamp) -> Result<(StoredDataKey, DataKey), StoreError> {
    let data_key = DataKey::new(&bytes).map_err(StoreError::damaged(CREATE))?;
    Ok((stored(&data_key, None, now), data_key))
}

fn stored(data_key: &DataKey, wrapped: Option<WrappedKey>, now: Timestamp) -> StoredDataKey {
    let fingerprint = data_key.fingerprint().to_owned();
    StoredDataKey { fingerprint, wrapped, created_at: now, seals_since: None }
}
