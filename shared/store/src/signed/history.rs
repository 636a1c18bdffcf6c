//! Reading the history of calls (S8).

use std::ops::ControlFlow;

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
    /// How many calls match in all, among the newest 10,000 that were read.
    pub total: usize,
}

/// The maximum number of calls that are read: about 4 MB, in as many requests as it has megabytes.
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
        const STEP: &str = "read access history";
        let mut page = AccessPage { items: Vec::new(), total: 0 };
        let Some(list) = self.smallest_history(project.id, filter) else { return Ok(page) };
        let window = skip..skip.saturating_add(take);
        let mut read = 0;
        let add = |item: Item| {
            let access: Access = from_item(item, STEP)?;
            read += 1;
            if access.is_retained(project.history_days, now) && filter.matches(&access) {
                if window.contains(&page.total) {
                    page.items.push(access);
                }
                page.total += 1;
            }
            Ok(if read < MAX_READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        self.table.for_each(&list, STEP, add).await?;
        Ok(page)
    }

    /// The stored history that contains all calls that match `filter`, and the fewest others. The user comes first:
    /// callers choose the ids of devices, so the history of a device may contain calls for any number of users.
    fn smallest_history(&self, project: ProjectId, filter: &HistoryFilter) -> Option<List> {
        if let Some(user) = &filter.user {
            return Some(key::history(project, "user", &self.hash(project, user.as_str())));
        }
        if let Some(device) = &filter.device {
            return Some(key::history(project, "device", device.as_str()));
        }
        filter.identity.as_ref().map(|identity| key::history(project, "identity", identity.as_str()))
    }
}
