//! One pass over the data of a job: pages of queries, and deletes until the time is over.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use model::ErasureJob;

use crate::dynamodb::key::{ItemKey, List};
use crate::dynamodb::page::PageLimit;
use crate::dynamodb::table::{Deletion, Item, Table};
use crate::error::StoreError;

pub(super) const STEP: &str = "erase";

/// How many deletes are sent at once.
pub(super) const AT_ONCE: usize = 16;

/// One pass over the data of a job.
pub(super) struct Pass<'a> {
    pub(super) table: &'a Table,
    pub(super) job: &'a ErasureJob,
    is_time_over: &'a (dyn Fn() -> bool + Send + Sync),
    items: AtomicU64,
}

/// Why a pass ended early.
#[derive(Debug)]
pub(super) enum Stopped {
    /// A later run goes on.
    TimeOver,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        table: &'a Table,
        job: &'a ErasureJob,
        is_time_over: &'a (dyn Fn() -> bool + Send + Sync),
    ) -> Self {
        Self { table, job, is_time_over, items: AtomicU64::new(0) }
    }

    /// How many items were deleted.
    pub(super) fn items(&self) -> u64 {
        self.items.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, deletion: Deletion) {
        self.items.fetch_add(u64::from(deletion == Deletion::Deleted), Ordering::Relaxed);
    }

    /// Reads the page of `list` that begins after `after`, unless the time is over. Returns the position of the next page,
    /// if there may be one.
    pub(super) async fn page(
        &self,
        list: &List,
        after: Option<&str>,
    ) -> Result<(Vec<Item>, Option<String>), Stopped> {
        if (self.is_time_over)() {
            return Err(Stopped::TimeOver);
        }
        let limit = PageLimit::default();
        let page = self.table.query_page(list, after, limit, STEP).await?;
        Ok((page.items, page.last))
    }

    /// Deletes all items of `list`.
    pub(super) async fn delete_list(&self, list: &List) -> Result<(), Stopped> {
        let mut after = None;
        loop {
            let (items, next) = self.page(list, after.as_deref()).await?;
            self.delete_all(&items.iter().filter_map(ItemKey::of).collect::<Vec<_>>()).await?;
            if next.is_none() {
                return Ok(());
            }
            after = next;
        }
    }

    /// Deletes the items with these keys, if they exist.
    pub(super) async fn delete_all(&self, keys: &[ItemKey]) -> Result<(), StoreError> {
        for part in keys.chunks(AT_ONCE) {
            let deleted = try_join_all(part.iter().map(|key| self.table.delete(key, None, STEP))).await?;
            deleted.into_iter().for_each(|it| self.count(it));
        }
        Ok(())
    }

    /// Deletes one item if the attribute of that name still has that value; otherwise a later call has written to it. Returns
    /// whether the item is gone.
    pub(super) async fn delete_unchanged(
        &self,
        key: &ItemKey,
        expected: (&'static str, AttributeValue),
    ) -> Result<bool, StoreError> {
        let deletion = self.table.delete(key, Some(expected), STEP).await?;
        self.count(deletion);
        Ok(deletion != Deletion::Changed)
    }
}

/// The attribute `name` of an item.
pub(super) fn attribute(item: &Item, name: &'static str) -> Result<AttributeValue, StoreError> {
    item.get(name).cloned().ok_or_else(|| StoreError::damaged(STEP)(format!("no {name}")))
}
