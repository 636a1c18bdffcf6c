//! Inspects a table without changing it: what it has, and whether all of it opens.

use std::collections::BTreeMap;

use crypto::DataKeys;
use model::Timestamp;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;
use crate::sealed_values::SealedItem;

/// What a table has, and whether it opens.
#[derive(Debug, Default)]
pub struct Inspection {
    /// The number of items by kind, which is the first part of their partition key.
    pub items: BTreeMap<String, usize>,
    /// The number of items with sealed values, all of which open.
    pub opened: usize,
    /// The keys of the items with a value that does not open.
    pub unreadable: Vec<String>,
    /// When the newest audit record was written.
    pub newest_record: Option<Timestamp>,
}

const STEP: &str = "inspect table";

impl Table {
    /// Reads every item, and opens every sealed value with `data_keys`. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspect(&self, data_keys: &DataKeys) -> Result<Inspection, StoreError> {
        let mut inspection = Inspection::default();
        self.for_each_item(STEP, |key, item| {
            let kind = key.pk.split('#').next().unwrap_or_default();
            *inspection.items.entry(kind.to_owned()).or_default() += 1;
            if kind == "audit" {
                inspection.newest_record = inspection.newest_record.max(record_time(&key));
            }
            let Some(sealed) = SealedItem::of(item) else { return };
            if sealed.values().all(|value| value.opens(data_keys)) {
                inspection.opened += 1;
            } else {
                inspection.unreadable.push(key.place());
            }
        })
        .await?;
        Ok(inspection)
    }

    /// Calls `visit` with every item. `step` names the work in errors.
    pub(crate) async fn for_each_item(
        &self,
        step: &'static str,
        mut visit: impl FnMut(ItemKey, Item),
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let (items, last) = self.scan_page(after, step).await?;
            for item in items {
                if let Some(key) = ItemKey::of(&item) {
                    visit(key, item);
                }
            }
            after = last;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// The time in the id of an audit record, which is a UUIDv7.
fn record_time(key: &ItemKey) -> Option<Timestamp> {
    let id: uuid::Uuid = key.sk.parse().ok()?;
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}
