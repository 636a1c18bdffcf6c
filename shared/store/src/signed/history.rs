//! The history of a project's users, devices and identities (S8): each call once for each of them, so that the history
//! of one is a query on its own partition, newest first.

use model::{Access, DeviceId, Identity, Project, ProjectId, Timestamp, UserId};

use crate::dynamodb::key;
use crate::dynamodb::page::{List, Walk};
use crate::dynamodb::table::{Item, from_item};
use crate::dynamodb::transaction::Transaction;
use crate::error::{Refusal, StoreError};
use crate::signed::devices::Devices;

/// Whose history is asked for: at least one of them, and all of them at once.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Of that user.
    pub user: Option<UserId>,
    /// Of that device.
    pub device: Option<DeviceId>,
    /// Of that identity.
    pub identity: Option<Identity>,
}

/// Some of a history, and how long it is.
#[derive(Debug)]
pub struct AccessPage {
    /// The calls, newest first.
    pub items: Vec<Access>,
    /// How many there are in all, up to the most that are counted.
    pub total: usize,
}

/// The most calls that are read, and so counted: some 4 MB, in as many round trips.
const MOST: usize = 10_000;

impl Devices {
    /// The `take` calls after the first `skip` of the history of `concerning`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        project: &Project,
        concerning: &HistoryFilter,
        (skip, take): (usize, usize),
        now: Timestamp,
    ) -> Result<AccessPage, StoreError> {
        const WHAT: &str = "read access history";
        let Some(pk) = self.history_of(project.id, concerning) else {
            return Ok(AccessPage { items: Vec::new(), total: 0 });
        };
        let list = List { pk, prefix: String::new(), newest_first: true };
        let (mut page, mut read) = (AccessPage { items: Vec::new(), total: 0 }, 0);
        let each = |item: Item| {
            let access: Access = from_item(item, WHAT)?;
            read += 1;
            if access.is_retained(project.history_days, now) && concerning.fits(&access) {
                if (skip..skip.saturating_add(take)).contains(&page.total) {
                    page.items.push(access);
                }
                page.total += 1;
            }
            Ok(if read < MOST { Walk::Continue(()) } else { Walk::Break(()) })
        };
        self.table.walk(&list, WHAT, each).await?;
        Ok(page)
    }

    /// The partition that holds all that is asked for, and least of others: callers choose their devices' ids, so those
    /// of anyone's calls may stand between a user's own.
    fn history_of(&self, project: ProjectId, concerning: &HistoryFilter) -> Option<String> {
        if let Some(user) = &concerning.user {
            return Some(key::history_of(project, "user", &self.hash(project, user.as_str())));
        }
        if let Some(device) = &concerning.device {
            return Some(key::history_of(project, "device", device.as_str()));
        }
        concerning.identity.as_ref().map(|it| key::history_of(project, "identity", it.as_str()))
    }
}

impl HistoryFilter {
    fn fits(&self, access: &Access) -> bool {
        let same_user = self.user.is_none() || self.user == access.user;
        let same_device = self.device.is_none() || self.device == access.device;
        same_user && same_device && (self.identity.is_none() || self.identity == access.identity)
    }
}

/// `access` goes into the histories of all it concerns; its user's name stands there as `user_hash`.
pub(crate) fn remember(
    transaction: &mut Transaction<'_>,
    project: ProjectId,
    user_hash: &str,
    access: &Access,
) -> Result<(), StoreError> {
    let user = access.user.as_ref().map(|_| ("user", user_hash));
    let device = access.device.as_ref().map(|device| ("device", device.as_str()));
    let identity = access.identity.as_ref().map(|identity| ("identity", identity.as_str()));
    for (which, id) in [user, device, identity].into_iter().flatten() {
        let of = key::history_of(project, which, id);
        transaction.create(&key::access(of, access.id), access, Refusal::Stale)?;
    }
    Ok(())
}
