//! The data key of a deployment: wrapped by KMS and stored in the table, or in a local file.

use crypto::DataKey;
use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::data_key_file::DataKeyFile;
use crate::deployment::kms::Kms;
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::table::{Item, Table, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError, WriteError};

/// Where the data key is stored.
#[derive(Debug, Clone)]
pub enum DataKeySource {
    /// In the table, wrapped by a KMS key.
    Kms {
        /// The KMS client.
        client: Kms,
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

impl DataKeySource {
    /// Reads the data key of the deployment in `table`.
    ///
    /// # Errors
    /// [`StoreError`]: the table is not initialised, KMS fails, or this is not the key of this table.
    pub async fn open(&self, table: &Table) -> Result<DataKey, StoreError> {
        self.open_with(table, &[]).await.map(|(data_key, _)| data_key)
    }

    /// Reads the data key, and the items `others` in the same request. Leaves out items that do not exist.
    pub(crate) async fn open_with(
        &self,
        table: &Table,
        others: &[ItemKey],
    ) -> Result<(DataKey, Vec<Item>), StoreError> {
        const STEP: &str = "read deployment";
        let deployment_key = key::deployment();
        let read = table.read_many(others.iter().chain([&deployment_key]), STEP);
        let mut items = self.connect_during(read).await?;
        let is_deployment = |item: &Item| ItemKey::of(item).as_ref() == Some(&deployment_key);
        let position = items.iter().position(is_deployment);
        let not_created = StoreError::NotInitialised { item: "the deployment's data key" };
        let deployment = from_item(items.swap_remove(position.ok_or(not_created)?), STEP)?;
        Ok((self.open_stored(table, &deployment).await?, items))
    }

    /// Opens the connection to KMS while `read` waits for DynamoDB.
    async fn connect_during<T>(
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

    async fn open_stored(&self, table: &Table, deployment: &DeploymentItem) -> Result<DataKey, StoreError> {
        let bytes = match self {
            Self::Kms { client, .. } => {
                let not_wrapped = StoreError::NotInitialised { item: "a data key wrapped by KMS" };
                let wrapped = deployment.wrapped.as_ref().ok_or(not_wrapped)?;
                client.unwrap(table, wrapped).await?
            }
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
        if table.read::<DeploymentItem>(&key::deployment(), "read deployment").await?.is_some() {
            return Err(Refusal::Stale.into());
        }
        let (bytes, wrapped) = match self {
            Self::Kms { client, key_id } => {
                let generated = client.generate(key_id.as_deref(), table).await?;
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
