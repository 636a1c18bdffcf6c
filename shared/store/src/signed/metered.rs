//! The number of signing requests of a project (S3): one counter per month.

use model::{ProjectId, Timestamp};
use serde::Deserialize;

use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::table::{Item, Table, from_item, number};
use crate::error::{ListError, StoreError};
use crate::registry::Registry;

/// The signing requests of a project in one month.
#[derive(Debug)]
pub struct MeteredMonth {
    /// The month in UTC, such as `2026-11`.
    pub month: String,
    /// The number of requests.
    pub requests: u64,
}

#[derive(Deserialize)]
struct Counter {
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
        let counter: Option<Counter> = self.table.read(&key, "read metered requests").await?;
        Ok((month, counter.map_or(0, |counter| counter.requests)))
    }

    /// Reads one page of the months in which `project` had signing requests, the newest month first.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn metered_months(
        &self,
        project: ProjectId,
        (cursor, limit): (Option<&Cursor>, PageLimit),
    ) -> Result<Page<MeteredMonth>, ListError> {
        const STEP: &str = "list metered requests";
        let page = self.item_page(&key::metered_months(project), cursor, limit, STEP).await?;
        let month = |item: Item| {
            let month = ItemKey::of(&item).map(|key| key.sk).unwrap_or_default();
            let Counter { requests } = from_item(item, STEP)?;
            Ok::<_, StoreError>(MeteredMonth { month, requests })
        };
        Ok(page.try_map(month)?)
    }
}
