//! Verifies the audit logs of an entity and everything below it.

use std::collections::{BTreeMap, BTreeSet};

use model::{ChainCheck, ChainFault, ChainHead, ChainSummary, EntityId, UnchainedCheck, record_hash};
use serde_json::{Map, Value};
use store::{AuditReader, StoreError, StoredRecord, TimeRange};

/// After how many records a line about the progress is printed.
const PROGRESS: u64 = 10_000;

/// The first fault of an entity's log.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuditFault {
    /// The entity's chain is broken.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// A record is where it does not belong.
    #[error("a record is stored as {id}, where it does not belong: it was moved")]
    Misplaced { id: String },
    /// A log that should have the record does not have it.
    #[error("{record} of {entity} is missing in the log of {log}")]
    CopyMissing { record: String, entity: String, log: EntityId },
    /// Two logs have different records of the same id.
    #[error("{record} of {entity} differs in the log of {log}")]
    CopyDiffers { record: String, entity: String, log: EntityId },
    /// The record that a log line shows is not in the chain.
    #[error("record {} with the hash {} is not in the chain", .0.sequence, .0.hash)]
    NotInChain(ChainHead),
}

/// Reads and verifies logs.
#[derive(Debug)]
pub(super) struct Verification {
    reader: AuditReader,
    /// A record that must be in the chain of the first entity.
    logged: Option<ChainHead>,
    read: u64,
}

/// A record that another log must have as well.
struct Counterpart {
    entity: String,
    /// How a fault names the record.
    record: String,
    id: String,
    hash: String,
}

/// What one log contains.
#[derive(Default)]
struct Log {
    chain: ChainCheck,
    unchained: UnchainedCheck,
    /// The records that other logs must have as well, by the other log.
    counterparts: BTreeMap<EntityId, Vec<Counterpart>>,
    /// The entities whose records the log has.
    entities: BTreeSet<EntityId>,
    misplaced: Option<String>,
}

impl Verification {
    pub(super) fn new(reader: AuditReader, logged: Option<ChainHead>) -> Self {
        Self { reader, logged, read: 0 }
    }

    /// Verifies the log of `root` and of each entity below it. Calls `report` with the result of each.
    pub(super) async fn verify(
        &mut self,
        root: EntityId,
        mut report: impl FnMut(EntityId, Result<ChainSummary, AuditFault>),
    ) -> Result<(), StoreError> {
        let (mut waiting, mut seen) = (vec![root], BTreeSet::from([root]));
        let mut log_of_root: Option<UnchainedCheck> = None;
        while let Some(entity) = waiting.pop() {
            let before = self.reader.head(entity).await?;
            let mut log = self.read(entity).await?;
            log.unchained.add_log_above(log_of_root.get_or_insert(log.unchained.clone()));
            let after = self.reader.head(entity).await?;
            let below = self.reader.children(entity).await?;
            waiting
                .extend(below.into_iter().chain(log.entities.iter().copied()).filter(|&it| seen.insert(it)));
            let result = match self.check(&log, (before.as_ref(), after.as_ref())) {
                Ok(summary) => self.compare(&log).await?.map_or(Ok(summary), Err),
                Err(fault) => Err(fault),
            };
            report(entity, result);
        }
        Ok(())
    }

    async fn read(&mut self, entity: EntityId) -> Result<Log, StoreError> {
        let (mut log, mut read) = (Log::default(), self.read);
        self.reader
            .for_each(entity, TimeRange::default(), |record| {
                log.add(&record);
                read += 1;
                if read % PROGRESS == 0 {
                    eprintln!("read {read} records");
                }
            })
            .await?;
        self.read = read;
        Ok(log)
    }

    fn check(
        &mut self,
        log: &Log,
        (before, after): (Option<&ChainHead>, Option<&ChainHead>),
    ) -> Result<ChainSummary, AuditFault> {
        let summary = log.chain.whole(before, after)?;
        if let Some(id) = &log.misplaced {
            return Err(AuditFault::Misplaced { id: id.clone() });
        }
        if let Some(fault) = log.unchained.fault() {
            return Err(fault.into());
        }
        // The first entity that is checked is the one that the caller named.
        match self.logged.take() {
            Some(logged) if !log.chain.contains(&logged) => Err(AuditFault::NotInChain(logged)),
            _ => Ok(summary),
        }
    }

    /// Compares each record with the same record in the other logs that must have it.
    async fn compare(&self, log: &Log) -> Result<Option<AuditFault>, StoreError> {
        for (&other, expected) in &log.counterparts {
            let ids: Vec<&str> = expected.iter().map(|record| record.id.as_str()).collect();
            let found = self.reader.records(other, &ids).await?;
            let hashes: BTreeMap<&str, Option<String>> =
                found.iter().map(|record| (record.id.as_str(), record_hash(&record.fields).ok())).collect();
            for Counterpart { entity, record, id, hash } in expected {
                let (record, entity) = (record.clone(), entity.clone());
                match hashes.get(id.as_str()) {
                    None => return Ok(Some(AuditFault::CopyMissing { record, entity, log: other })),
                    Some(computed) if computed.as_ref() != Some(hash) => {
                        return Ok(Some(AuditFault::CopyDiffers { record, entity, log: other }));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(None)
    }
}

impl Log {
    fn add(&mut self, record: &StoredRecord) {
        let StoredRecord { log, id, fields } = record;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let entity: Option<EntityId> = text("entity_id").parse().ok();
        self.unchained.add(id, fields);
        if entity == Some(*log) {
            self.chain.add(fields);
        }
        self.entities.extend(entity.filter(|entity| entity != log));
        let sequence = fields.get("sequence").and_then(Value::as_u64);
        // A record from before the chains does not name the entities that have copies of it.
        let may_be_copy = sequence.is_none() || ancestors(fields).contains(log);
        let belongs = entity.is_some_and(|entity| entity == *log || may_be_copy);
        if !belongs || text("id") != id {
            self.misplaced.get_or_insert_with(|| id.clone());
            return;
        }
        let others = if entity == Some(*log) { ancestors(fields) } else { entity.into_iter().collect() };
        for other in others {
            let (record, hash) = match sequence {
                Some(sequence) => (format!("record {sequence} ({id})"), text("hash").to_owned()),
                None => {
                    (format!("record {id}, without a sequence,"), record_hash(fields).unwrap_or_default())
                }
            };
            let entity = text("entity_id").to_owned();
            let counterpart = Counterpart { entity, record, id: id.clone(), hash };
            self.counterparts.entry(other).or_default().push(counterpart);
        }
    }
}

fn ancestors(fields: &Map<String, Value>) -> Vec<EntityId> {
    let ids = fields.get("ancestors").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}
