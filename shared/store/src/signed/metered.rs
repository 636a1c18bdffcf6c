//! How often a project asked us to sign (S3): one counter a month.

use aws_sdk_dynamodb::types::AttributeValue;
use model::{ProjectId, Timestamp};
use serde::Deserialize;

use crate::dynamodb::key;
use crate::dynamodb::table::Table;
use crate::error::StoreError;
use crate::registry::Registry;

#[derive(Deserialize)]
struct Metered {
    requests: u64,
}

/// The month of that moment in UTC, as `2026-11`.
fn month(now: Timestamp) -> String {
    now.strftime("%Y-%m").to_string()
}

impl Table {
    /// Counts one request of `project`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_metered_request(&self, project: ProjectId, now: Timestamp) -> Result<(), StoreError> {
        let at = key::metered(project, &month(now));
        let update = self.client.update_item().table_name(&self.name).set_key(Some(at.attributes()));
        let update = update
            .update_expression("ADD requests :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        update.send().await.map(|_| ()).map_err(StoreError::failed("count metered request"))
    }
}

impl Registry {
    /// The month of that moment, and how many requests of `project` were counted in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn metered_requests(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<(String, u64), StoreError> {
        let month = month(now);
        let at = key::metered(project, &month);
        let metered: Option<Metered> = self.table.read(&at, "read metered requests").await?;
        Ok((month, metered.map_or(0, |metered| metered.requests)))
    }
}
