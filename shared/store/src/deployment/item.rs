//! The item `deployment`: the data keys, the hash key and the layout of the table.

use crypto::Sealed;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::deployment::kms::EncryptionContext;
use crate::error::StoreError;

/// The layout that this version writes. A function refuses a table with a newer one. The number is raised when a function
/// of an older version would misread the table: 2 since the deployment has a list of data keys and a stored hash key.
pub(super) const LAYOUT: u32 = 2;

/// The stored form. Every deployment has this item, and only the operator's commands write it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DeploymentItem {
    #[serde(default = "first_layout")]
    pub(super) layout: u32,
    pub(super) created_at: Timestamp,
    /// Number of changes.
    #[serde(default)]
    pub(super) version: u64,
    /// In layout 1, the fingerprint of the only data key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// In layout 1, the only data key, wrapped by KMS for the name of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<ByteBuf>,
    /// Since layout 2, the data keys: one, or two during a rotation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) data_keys: Vec<StoredDataKey>,
    /// Since layout 2. In layout 1 the hash key is derived from the data key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash_key: Option<Sealed>,
}

/// A data key of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredDataKey {
    pub(super) fingerprint: String,
    /// The key, wrapped by KMS. `None` if the key is in a local file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wrapped: Option<WrappedKey>,
    pub(super) created_at: Timestamp,
    /// When the key began to seal, or `None`. If several keys have begun, the last one in the list seals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seals_since: Option<Timestamp>,
}

/// A data key that KMS has wrapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrappedKey {
    pub(super) bytes: ByteBuf,
    pub(super) context: EncryptionContext,
}

impl StoredDataKey {
    /// The name of the deployment for which KMS has wrapped the key, if it has one.
    pub(super) fn deployment_name(&self) -> Option<&str> {
        self.wrapped.as_ref()?.context.deployment_name()
    }

    /// Whether KMS has wrapped the key for the name of the table. Then the deployment has no name yet.
    pub(super) fn is_wrapped_for_table(&self) -> bool {
        self.wrapped.is_some() && self.deployment_name().is_none()
    }
}

const fn first_layout() -> u32 {
    1
}

impl DeploymentItem {
    /// A new deployment with one data key.
    pub(super) fn new(data_key: StoredDataKey, hash_key: Sealed, now: Timestamp) -> Self {
        Self {
            layout: LAYOUT,
            created_at: now,
            version: 1,
            fingerprint: None,
            wrapped: None,
            data_keys: vec![data_key],
            hash_key: Some(hash_key),
        }
    }

    /// Refuses a layout that this version does not know. Returns layout 1 as if it had the list of data keys that it would
    /// have now: its data key was wrapped for the name of the table, which was `first_table`.
    pub(super) fn checked(mut self, first_table: &str) -> Result<Self, StoreError> {
        if self.layout > LAYOUT {
            return Err(StoreError::NewerLayout { found: self.layout, known: LAYOUT });
        }
        if let Some(fingerprint) = self.fingerprint.take() {
            let wrap = |bytes| WrappedKey { bytes, context: EncryptionContext::table(first_table) };
            let wrapped = self.wrapped.take().map(wrap);
            let created_at = self.created_at;
            let first = StoredDataKey { fingerprint, wrapped, created_at, seals_since: Some(created_at) };
            self.data_keys = vec![first];
        }
        Ok(self)
    }

    /// The data key that seals, and the others.
    pub(super) fn sealing(&self) -> Result<(&StoredDataKey, Vec<&StoredDataKey>), StoreError> {
        let sealing = self.data_keys.iter().rev().find(|key| key.seals_since.is_some());
        let sealing = sealing.ok_or_else(|| StoreError::damaged("read deployment")("no data key seals"))?;
        Ok((sealing, self.data_keys.iter().filter(|key| *key != sealing).collect()))
    }
}
