//! The data key of a deployment: wrapped by KMS and stored in the table, or in a local file.

use aws_sdk_dynamodb::primitives::Blob;
use crypto::DataKey;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::deployment::data_key_file::DataKeyFile;
use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

/// Where the data key is stored.
#[derive(Debug, Clone)]
pub enum DataKeySource {
    /// In the table, wrapped by a KMS key.
    Kms {
        /// The KMS client.
        client: aws_sdk_kms::Client,
        /// The KMS key. Only [`DataKeySource::create`] needs it.
        key_id: Option<String>,
    },
    /// In a local file.
    File(DataKeyFile),
}

/// The stored form of the data key. Every deployment has this item.
#[derive(Debug, Serialize, Deserialize)]
struct DeploymentItem {
    /// The fingerprint of the data key with which the deployment was created.
    fingerprint: String,
    wrapped: Option<serde_bytes::ByteBuf>,
    created_at: Timestamp,
}

/// A new data key, plain and wrapped by KMS.
struct GeneratedKey {
    plain: Zeroizing<Vec<u8>>,
    wrapped: serde_bytes::ByteBuf,
}

/// The KMS encryption context. The policies in `template.yaml` require it.
const CONTEXT: &str = "tokenbooth:table";

impl DataKeySource {
    /// Reads the data key of the deployment in `table`.
    ///
    /// # Errors
    /// [`StoreError`]: the table is not initialised, KMS fails, or this is not the key of this table.
    pub async fn open(&self, table: &Table) -> Result<DataKey, StoreError> {
        let not_created = StoreError::NotInitialised { item: "the deployment's data key" };
        let deployment = read_deployment(table).await?.ok_or(not_created)?;
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

    /// Creates the data key of a new deployment. Fails with [`Refusal::Stale`] if the deployment has one.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create(&self, table: &Table, now: Timestamp) -> Result<DataKey, WriteError> {
        if read_deployment(table).await?.is_some() {
            return Err(Refusal::Stale.into());
        }
        let (bytes, wrapped) = match self {
            Self::Kms { client, key_id } => {
                let generated = generate(client, key_id.as_deref(), table).await?;
                (generated.plain, Some(generated.wrapped))
            }
            Self::File(file) => (file.read_or_create()?, None),
        };
        let data_key = DataKey::new(&bytes).map_err(StoreError::damaged("create data key"))?;
        let fingerprint = data_key.fingerprint().to_owned();
        let deployment = DeploymentItem { fingerprint, wrapped, created_at: now };
        let mut transaction = Transaction::new(table, "create deployment");
        transaction.create(&key::deployment(), &deployment, Refusal::Stale)?;
        transaction.commit().await?;
        Ok(data_key)
    }
}

async fn read_deployment(table: &Table) -> Result<Option<DeploymentItem>, StoreError> {
    table.read(&key::deployment(), "read deployment").await
}

async fn unwrap(
    client: &aws_sdk_kms::Client,
    table: &Table,
    deployment: &DeploymentItem,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    const STEP: &str = "unwrap data key";
    let not_wrapped = StoreError::NotInitialised { item: "a data key wrapped by KMS" };
    let wrapped = deployment.wrapped.as_ref().ok_or(not_wrapped)?;
    let request = client.decrypt().ciphertext_blob(Blob::new(wrapped.as_slice()));
    let sent = request.encryption_context(CONTEXT, table.name()).send().await;
    match sent.map_err(StoreError::failed(STEP))?.plaintext {
        Some(plain) => Ok(Zeroizing::new(plain.into_inner())),
        None => Err(StoreError::damaged(STEP)("KMS answered without a key")),
    }
}

async fn generate(
    client: &aws_sdk_kms::Client,
    key_id: Option<&str>,
    table: &Table,
) -> Result<GeneratedKey, StoreError> {
    const STEP: &str = "generate data key";
    let Some(key_id) = key_id else {
        return Err(StoreError::NotInitialised { item: "the KMS key's id" });
    };
    let request = client.generate_data_key().key_id(key_id).number_of_bytes(32);
    let sent = request.encryption_context(CONTEXT, table.name()).send().await;
    let output = sent.map_err(StoreError::failed(STEP))?;
    match (output.plaintext, output.ciphertext_blob) {
        (Some(plain), Some(wrapped)) => Ok(GeneratedKey {
            plain: Zeroizing::new(plain.into_inner()),
            wrapped: serde_bytes::ByteBuf::from(wrapped.into_inner()),
        }),
        _ => Err(StoreError::damaged(STEP)("KMS answered without a key")),
    }
}
