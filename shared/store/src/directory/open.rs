//! Opens the directory of a function that starts.

use std::sync::Arc;

use model::{SignedDuration, Timestamp};

use crate::deployment::{DataKeySource, DeploymentKeys};
use crate::directory::{Directory, Lookup};
use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::Table;
use crate::error::StoreError;

impl Directory {
    /// Opens a directory that can open sealed secrets. Reads the data keys and the records of `lookups` in one request
    /// to DynamoDB, and caches the records.
    ///
    /// # Errors
    /// [`StoreError`]: also if the issuer or the signing keys are among `lookups` and missing.
    pub async fn open(
        table: Table,
        source: &DataKeySource,
        cache_lifetime: SignedDuration,
        lookups: impl IntoIterator<Item = Lookup>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let lookups: Vec<(ItemKey, Lookup)> =
            lookups.into_iter().map(|lookup| (lookup.key(), lookup)).collect();
        let keys: Vec<ItemKey> = lookups.iter().map(|(key, _)| key.clone()).collect();
        let (keys, items) = DeploymentKeys::open_with(source, &table, &keys, now).await?;
        let directory = Self::new(table, Arc::new(keys), cache_lifetime);
        let mut view = directory.view(now);
        view.add_items(items, &lookups)?;
        for (_, lookup) in &lookups {
            match lookup {
                Lookup::Issuer => view.issuer().map(drop)?,
                Lookup::SigningKeys => view.signing_keys().map(drop)?,
                // Whether another record exists shows when it is used.
                _ => {}
            }
        }
        Ok(directory)
    }
}
