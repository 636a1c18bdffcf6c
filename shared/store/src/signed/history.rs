//! Reading the history of calls (S8).

use std::ops::ControlFlow;

use futures_util::future::try_join_all;
use model::{Access, Project, ProjectId, Timestamp};

use crate::dynamodb::key::{self, List};
use crate::dynamodb::table::{Item, from_item};
use crate::error::StoreError;
use crate::signed::devices::Devices;
use crate::signed::history_filter::HistoryFilter;

/// A part of a history.
#[derive(Debug)]
pub struct AccessPage {
    /// The calls, newest first.
    pub items: Vec<Access>,
    /// How many calls match in all, among the newest 10,000 signed and the newest 10,000 unsigned calls that were read.
    pub total: usize,
}

/// The maximum number of calls that are read of one list: about 4 MB, in as many requests as it has megabytes.
const MAX_READ: usize = 10_000;

impl Devices {
    /// Reads `take` calls that match `filter`, after the first `skip` of them, and counts all that match.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        project: &Project,
        filter: &HistoryFilter,
        (skip, take): (usize, usize),
        now: Timestamp,
    ) -> Result<AccessPage, StoreError> {
        let lists = self.smallest_histories(project.id, filter);
        let reads = lists.iter().map(|list| self.read_history(project, list, filter, now));
        let mut calls: Vec<Access> = try_join_all(reads).await?.into_iter().flatten().collect();
        filter.retain_proved(&mut calls);
        calls.sort_unstable_by_key(|access| std::cmp::Reverse(access.id));
        let total = calls.len();
        Ok(AccessPage { items: calls.into_iter().skip(skip).take(take).collect(), total })
    }

    /// Reads the calls of one list that match `filter`.
    async fn read_history(
        &self,
        project: &Project,
        list: &List,
        filter: &HistoryFilter,
        now: Timestamp,
    ) -> Result<Vec<Access>, StoreError> {
        const STEP: &str = "read access history";
        let mut calls = Vec::new();
        let mut read = 0;
        let add = |item: Item| {
            let access: Access = from_item(item, STEP)?;
            read += 1;
            if access.is_retained(project.history_days, now) && filter.matches(&access) {
                calls.push(access);
            }
            Ok(if read < MAX_READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        self.table.for_each(list, STEP, add).await?;
        Ok(calls)
    }

    /// The stored histories that contain all calls that match `filter`, and the fewest others. The user comes first:
    /// callers choose the ids of devices, so the history of a device may contain calls for any number of users.
    pub(super) fn smallest_histories(&self, project: ProjectId, filter: &HistoryFilter) -> Vec<List> {
        let lists = if let Some(user) = &filter.user {
            key::histories(project, "user", &self.hash(project, user.as_str()))
        } else if let Some(device) = &filter.device {
            key::histories(project, "device", device.as_str())
        } else if let Some(identity) = &filter.identity {
            key::histories(project, "identity", identity.as_str())
        } else {
            return Vec::new();
        };
        // Earlier versions stored unsigned calls with the signed ones.
        let needed = if filter.signed == Some(true) { 1 } else { 2 };
        lists.into_iter().take(needed).collect()
    }
}
