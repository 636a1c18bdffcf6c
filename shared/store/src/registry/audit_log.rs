//! The audit log. Each record is stored for the entity concerned and for each of its ancestors, so one query reads the
//! log of an entity and everything below it, in order.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use model::{AuditRecord, ChainFault, ChainHead, ClientId, EntityId, Timestamp, record_hash};
use uuid::Uuid;

use crate::change::{AuditAddress, Change};
use crate::dynamodb::cursor::Cursor;
use crate::dynamodb::key::{self, ItemKey};
use crate::dynamodb::page::{Page, PageLimit};
use crate::dynamodb::query::{Filter, Selection};
use crate::dynamodb::table::{Item, fields, from_item};
use crate::error::{ListError, StoreError, WriteError};
use crate::registry::Registry;

const STEP: &str = "read audit log";

/// Which records of an audit log to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Their time.
    pub times: TimeRange,
    /// Their action, such as `entity.create`.
    pub action: Option<String>,
    /// The client id of their actor.
    pub actor: Option<ClientId>,
    /// The kind or the id of their target.
    pub target: Option<String>,
}

/// From one time, inclusive, to another one, exclusive. Both are rounded down to milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The start. `None` means the first record.
    pub from: Option<Timestamp>,
    /// The end. `None` means the last record.
    pub to: Option<Timestamp>,
}

/// A record with its source address, while that is kept.
#[derive(Debug)]
pub struct AuditEntry {
    /// The record.
    pub record: AuditRecord,
    /// The source address of the request.
    pub source_ip: Option<String>,
}

/// A page of an audit log.
#[derive(Debug)]
pub struct AuditPage {
    /// The records, newest first.
    pub page: Page<AuditEntry>,
    /// What is wrong with the chains of the records on the page.
    pub faults: Vec<(EntityId, ChainFault)>,
}

impl Registry {
    /// Reads one page of the audit log of `entity` and everything below it, newest first. A page may hold fewer records
    /// than `limit`: a page with a filter reads a bounded number of records, and expired records of earlier versions are
    /// left out.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn audit_log(
        &self,
        entity: EntityId,
        filter: &AuditFilter,
        (cursor, limit): (Option<&Cursor>, PageLimit),
        now: Timestamp,
    ) -> Result<AuditPage, ListError> {
        let list = key::audit_log(entity).filtered_by(filter.to_string());
        let mut page = self.selected_page(&list, &filter.selection(), (cursor, limit), STEP).await?;
        // A record of the chain never expires, even if somebody adds an `expires_at` to it.
        page.items.retain(|item| item.contains_key("sequence") || !is_expired(item, now));
        let mut faults: Vec<_> = page.items.iter().filter_map(|it| changed_record(entity, it)).collect();
        faults.extend(self.added_record(entity, &page.items).await?);
        let (items, unreadable) = readable(entity, page.items);
        faults.extend(unreadable);
        let records = Page { items, next: page.next };
        let (head, mut addresses) =
            tokio::try_join!(self.chain_head(entity), self.addresses(&records.items, now))?;
        faults.extend(head_fault(entity, head.as_ref(), &records.items).map(|fault| (entity, fault)));
        let page = records.map(|mut record| {
            let source_ip = record.source_ip.take().or_else(|| addresses.remove(&record.id));
            AuditEntry { record, source_ip }
        });
        Ok(AuditPage { page, faults })
    }

    /// Writes the records of `change` alone: for an action that stores nothing else, such as showing a secret.
    ///
    /// # Errors
    /// [`StoreError`](crate::StoreError).
    pub async fn write_audit_record(&self, change: &Change) -> Result<(), WriteError> {
        self.begin("write audit record", change)?.commit().await
    }

    /// The fault of the newest record on the page that has no place in a chain, if an older record of the log has one. Looks
    /// at a bounded number of older records. Only a page with a record without a place costs this query.
    async fn added_record(
        &self,
        log: EntityId,
        items: &[Item],
    ) -> Result<Option<(EntityId, ChainFault)>, StoreError> {
        let Some(unchained) = items.iter().find(|item| sequence(item).is_none()) else { return Ok(None) };
        let id = id(unchained);
        let place = Filter {
            conditions: vec!["attribute_type(#sequence, :number)"],
            names: vec![("#sequence", "sequence")],
            values: vec![(":number", AttributeValue::S("N".to_owned()))],
        };
        let older = Selection { between: Some(("0".to_owned(), id.clone())), filter: Some(place) };
        let list = key::audit_log(log);
        let found = self.table.query_selected(&list, &older, (None, PageLimit::default()), STEP).await?;
        let is_added = !found.items.is_empty();
        Ok(is_added.then_some((log, ChainFault::Unchained { id })))
    }

    async fn chain_head(&self, entity: EntityId) -> Result<Option<ChainHead>, StoreError> {
        self.table.read(&key::chain_head(entity), "read head of audit chain").await
    }

    /// The source addresses of the records that still have one.
    async fn addresses(
        &self,
        records: &[AuditRecord],
        now: Timestamp,
    ) -> Result<HashMap<Uuid, String>, StoreError> {
        let with_address = records.iter().filter(|record| record.source_ip_hash.is_some());
        let keys: Vec<_> =
            with_address.map(|record| key::audit_address(record.entity_id, record.id)).collect();
        let mut found = HashMap::new();
        for item in self.table.read_many(&keys, "read source addresses").await? {
            let id = ItemKey::of(&item).and_then(|key| key.sk.parse().ok());
            let address: AuditAddress = from_item(item, "read source addresses")?;
            if let Some(id) = id.filter(|_| !address.is_expired(now)) {
                found.insert(id, address.source_ip);
            }
        }
        Ok(found)
    }
}

impl AuditFilter {
    fn selection(&self) -> Selection {
        let actor = self.actor.as_ref().map(ToString::to_string);
        let conditions = [
            ("#action = :action", "#action", "action", ":action", self.action.clone()),
            ("actor.client_id = :actor", "", "", ":actor", actor),
            (
                "(#target.kind = :target OR #target.id = :target)",
                "#target",
                "target",
                ":target",
                self.target.clone(),
            ),
        ];
        let mut filter = Filter::default();
        for (condition, placeholder, name, value_name, value) in conditions {
            let Some(value) = value else { continue };
            filter.conditions.push(condition);
            if !name.is_empty() {
                filter.names.push((placeholder, name));
            }
            filter.values.push((value_name, AttributeValue::S(value)));
        }
        Selection {
            between: self.times.sort_keys(),
            filter: (!filter.conditions.is_empty()).then_some(filter),
        }
    }
}

/// The filter in one spelling, for cursors.
impl fmt::Display for AuditFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { times, action, actor, target } = self;
        if *self == Self::default() {
            return Ok(());
        }
        let actor = actor.as_ref().map(ToString::to_string);
        write!(f, "{times} action={action:?} actor={actor:?} target={target:?}")
    }
}

impl TimeRange {
    /// The smallest sort key of that time, and a bound above the largest one. Sort keys are UUIDv7, which begin with the
    /// time in milliseconds.
    pub(crate) fn sort_keys(&self) -> Option<(String, String)> {
        if *self == Self::default() {
            return None;
        }
        let prefix = |at: Timestamp| {
            let millis = at.as_millisecond().clamp(0, (1 << 48) - 1);
            format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
        };
        // No record has an id that is only this prefix, so the inclusive bound of BETWEEN excludes the end.
        Some((
            self.from.map_or_else(|| "0".to_owned(), prefix),
            self.to.map_or_else(|| "g".to_owned(), prefix),
        ))
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sort_keys() {
            Some((from, to)) => write!(f, "from={from} to={to}"),
            None => Ok(()),
        }
    }
}

fn sequence(item: &Item) -> Option<u64> {
    item.get("sequence").and_then(|it| it.as_n().ok()?.parse().ok())
}

/// The fault of a record whose content does not have its hash. `log` is the entity in whose log it is.
fn changed_record(log: EntityId, item: &Item) -> Option<(EntityId, ChainFault)> {
    let (sequence, fields) = (sequence(item)?, fields(item, STEP).unwrap_or_default());
    let text = |name: &str| fields.get(name).and_then(|it| it.as_str()).unwrap_or_default();
    if record_hash(&fields).is_ok_and(|hash| hash == text("hash")) {
        return None;
    }
    let entity = text("entity_id").parse().unwrap_or(log);
    Some((entity, ChainFault::Changed { sequence, id: id(item) }))
}

/// The records, and the faults of items that are none. One such item must not make the page unreadable.
fn readable(log: EntityId, items: Vec<Item>) -> (Vec<AuditRecord>, Vec<(EntityId, ChainFault)>) {
    let (mut records, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        let id = id(&item);
        match from_item(item, STEP) {
            Ok(record) => records.push(record),
            Err(_) => faults.push((log, ChainFault::Unreadable { id })),
        }
    }
    (records, faults)
}

/// The id in the key, which gives the record its place in the log.
fn id(item: &Item) -> String {
    ItemKey::of(item).map(|key| key.sk).unwrap_or_default()
}

/// The fault of a head that is missing or behind the records of `entity` on the page, which were read before the head.
fn head_fault(entity: EntityId, head: Option<&ChainHead>, records: &[AuditRecord]) -> Option<ChainFault> {
    let own = records.iter().filter(|record| record.entity_id == entity);
    let last = own.filter_map(|record| record.link.as_ref()).map(|link| link.sequence).max()?;
    match head {
        None => Some(ChainFault::HeadMissing { records: last }),
        Some(head) if head.sequence < last => Some(ChainFault::HeadBehind { head: head.sequence, last }),
        Some(_) => None,
    }
}

pub(crate) fn is_expired(item: &Item, now: Timestamp) -> bool {
    let end = item.get("expires_at").and_then(|end| end.as_n().ok()?.parse::<i64>().ok());
    end.is_some_and(|end| end <= now.as_second())
}
