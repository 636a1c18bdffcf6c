//! The number of signing requests of a project (S3): one counter per month.

use model::{ProjectId, Timestamp};
use serde::Deserialize;

use crate::dynamodb::key;
use crate::dynamodb::table::{Table, number};
use crate::error::StoreError;
use crate::registry::Registry;

#[derive(Deserialize)]
struct MeteredMonth {
    requests: u64,
}

/// The month of `now` in UTC, such as `2026-11`.
fn month(now: Timestamp) -> String {
    now.strftime("%Y-%m").to_string()
}

impl Table {
    /// Counts one signing request of `project`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_metered_request(&self, project: ProjectId, now: Timestamp) -> Result<(), StoreError> {
        let key = key::metered_month(project, &month(now));
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .update_expression("ADD requests :one")
            .expression_attribute_values(":one", number(1));
        request.send().await.map(|_| ()).map_err(StoreError::failed("count metered request"))
    }
}

impl Registry {
    /// Reads how many signing requests of `project` were counted in the month of `now`. Returns the month and the
    /// number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn metered_requests(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<(String, u64), StoreError> {
        let month = month(now);
        let key = key::metered_month(project, &month);
        let metered: Option<MeteredMonth> = self.table.read(&key, "read metered requests").await?;
        Ok((month, metered.map_or(0, |metered| metered.requests)))
    }
}
