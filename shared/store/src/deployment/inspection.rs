//! Checks a restored copy of a table: whether every sealed value opens, and what was deleted or disabled since.

use std::collections::{BTreeMap, BTreeSet};

use crypto::DataKeys;
use model::Timestamp;

use crate::dynamodb::key::ItemKey;
use crate::dynamodb::table::{Item, Table};
use crate::error::StoreError;
use crate::sealed_values::SealedItem;

/// What a table contains, and whether its sealed values open.
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

/// What is valid in a restored copy, and no longer in the table that it was copied from.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Keys, sites, projects, secrets and entities that were deleted since.
    pub deleted: BTreeSet<String>,
    /// Those that were disabled since.
    pub disabled: BTreeSet<String>,
    /// The number of revocations since, which were written into the copy.
    pub revocations: usize,
}

const STEP: &str = "inspect table";

/// The items that are compared, by the start of their partition key and their sort key.
const GIVING_ACCESS: [(&str, &str); 6] = [
    ("entity#", "entity"),
    ("key#", "key"),
    ("partner#", "site#"),
    ("partner-key#", "key"),
    ("project#", "project"),
    ("secret#", "project"),
];

impl Table {
    /// Reads every item, and opens every sealed value with `data_keys`. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inspect(&self, data_keys: &DataKeys) -> Result<Inspection, StoreError> {
        let mut inspection = Inspection::default();
        self.for_each_item(|key, item| {
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

    /// Compares this copy with the table that it was copied from. Writes the revocations of `current` into this copy: a
    /// revoked token must stay revoked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compare_copy(&self, current: &Self) -> Result<Returned, StoreError> {
        let (mut statuses, mut revocations) = (BTreeMap::new(), BTreeMap::new());
        current
            .for_each_item(|key, item| {
                if gives_access(&key) {
                    statuses.insert(key.place(), is_active(&item));
                } else if key.pk.starts_with("revocation#") {
                    revocations.insert(key.place(), item);
                }
            })
            .await?;
        let mut returned = Returned::default();
        self.for_each_item(|key, item| {
            let place = key.place();
            revocations.remove(&place);
            if !gives_access(&key) {
                return;
            }
            match statuses.get(&place) {
                None => drop(returned.deleted.insert(place)),
                Some(false) if is_active(&item) => drop(returned.disabled.insert(place)),
                Some(_) => {}
            }
        })
        .await?;
        returned.revocations = revocations.len();
        for item in revocations.into_values() {
            self.put_item(item, STEP).await?;
        }
        Ok(returned)
    }

    async fn for_each_item(&self, mut visit: impl FnMut(ItemKey, Item)) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let (items, last) = self.scan_page(after, STEP).await?;
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

fn gives_access(key: &ItemKey) -> bool {
    GIVING_ACCESS.iter().any(|(pk, sk)| key.pk.starts_with(pk) && key.sk.starts_with(sk))
}

/// Whether the item is active. An item without a status is.
fn is_active(item: &Item) -> bool {
    item.get("status").and_then(|status| status.as_s().ok()).is_none_or(|status| status == "active")
}

/// The time in the id of an audit record, which is a UUIDv7.
fn record_time(key: &ItemKey) -> Option<Timestamp> {
    let id: uuid::Uuid = key.sk.parse().ok()?;
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}
