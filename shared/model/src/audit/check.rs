//! Checks a chain of audit records: the table's, or an exported file's (A13).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{ChainHead, record_hash};

/// What is wrong with a chain: the first fault, in the order of the sequence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A record of the chain does not exist.
    #[error("record {sequence} is missing")]
    Missing {
        /// Its number.
        sequence: u64,
    },
    /// The content of a record does not have the record's hash.
    #[error("record {sequence} ({id}) was changed")]
    Changed {
        /// Its number.
        sequence: u64,
        /// Its id.
        id: String,
    },
    /// A record does not name the hash of the record before it: one of the two was replaced or moved.
    #[error(
        "record {sequence} ({id}) does not follow the record before it: one of them was replaced or moved"
    )]
    Unlinked {
        /// Its number.
        sequence: u64,
        /// Its id.
        id: String,
    },
    /// A record has no place in a chain, and is not from before the chains of its log.
    #[error(
        "record {id} has no place in a chain, although it is later than the first record of a chain: it was added"
    )]
    Unchained {
        /// Its id.
        id: String,
    },
    /// A record does not have the fields of a record.
    #[error("record {id} cannot be read: it was added or changed")]
    Unreadable {
        /// Its id.
        id: String,
    },
    /// Two records have the same number.
    #[error("record {sequence} exists twice: {id} was added or moved")]
    Repeated {
        /// The number.
        sequence: u64,
        /// The id of the second one.
        id: String,
    },
    /// The chain has records and no head.
    #[error("the head of the chain is missing, although the chain has {records} records")]
    HeadMissing {
        /// The number of records.
        records: u64,
    },
    /// There are records after the head.
    #[error("the head of the chain is at record {head}, behind record {last}")]
    HeadBehind {
        /// The number in the head.
        head: u64,
        /// The number of the last record.
        last: u64,
    },
    /// The head has another hash than the record that it names.
    #[error("the head of the chain does not have the hash of record {sequence}: one of them was changed")]
    HeadChanged {
        /// The number in the head.
        sequence: u64,
    },
}

/// What a chain contains that has no fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainSummary {
    /// The number of records in the chain.
    pub records: u64,
    /// The number of the first record that was checked; 0 without records.
    pub first: u64,
    /// The number of the last record; 0 without records.
    pub last: u64,
    /// The hashes of the first and the last record.
    pub hashes: Option<(String, String)>,
    /// The number of records without a place in the chain. They were written before the chain existed.
    pub unchained: u64,
    /// When the last one of them was written.
    pub last_unchained: Option<String>,
}

/// Collects the records of one entity, in any order, and then checks their chain.
#[derive(Debug, Clone, Default)]
pub struct ChainCheck {
    records: BTreeMap<u64, Entry>,
    repeated: Option<(u64, String)>,
    unchained: u64,
    last_unchained: Option<String>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: String,
    previous: Option<String>,
    hash: String,
    is_intact: bool,
}

impl ChainCheck {
    /// Adds a record: all fields that are stored for it.
    pub fn add(&mut self, fields: &Map<String, Value>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let id = text("id").unwrap_or_default();
        let Some(sequence) = fields.get("sequence").and_then(Value::as_u64) else {
            self.unchained += 1;
            self.last_unchained = self.last_unchained.take().max(text("at"));
            return;
        };
        let hash = text("hash").unwrap_or_default();
        let is_intact = record_hash(fields).is_ok_and(|computed| computed == hash);
        let entry = Entry { id: id.clone(), previous: text("previous"), hash, is_intact };
        if self.records.insert(sequence, entry).is_some() && self.repeated.is_none() {
            self.repeated = Some((sequence, id));
        }
    }

    /// Whether the chain has the record with this number and this hash, for example as the log shows it.
    #[must_use]
    pub fn contains(&self, record: &ChainHead) -> bool {
        self.records.get(&record.sequence).is_some_and(|entry| entry.is_intact && entry.hash == record.hash)
    }

    /// Checks a whole chain. `before` is the head as it was read before the records, `after` as it was read after them:
    /// records that were added meanwhile are no fault.
    ///
    /// # Errors
    /// The first [`ChainFault`].
    pub fn whole(
        &self,
        before: Option<&ChainHead>,
        after: Option<&ChainHead>,
    ) -> Result<ChainSummary, ChainFault> {
        let complete_to = before.map_or(0, |head| head.sequence);
        self.check_links(1, complete_to)?;
        let last = self.records.keys().next_back().copied().unwrap_or_default();
        let Some(head) = after else {
            let records = self.records.len() as u64;
            return if records == 0 { Ok(self.summary()) } else { Err(ChainFault::HeadMissing { records }) };
        };
        if last > head.sequence {
            return Err(ChainFault::HeadBehind { head: head.sequence, last });
        }
        for head in [before, after].into_iter().flatten() {
            if self.records.get(&head.sequence).is_some_and(|entry| entry.hash != head.hash) {
                return Err(ChainFault::HeadChanged { sequence: head.sequence });
            }
        }
        Ok(self.summary())
    }

    /// Checks a part of a chain, such as an export from one time to another: from its first record to its last one.
    ///
    /// # Errors
    /// The first [`ChainFault`].
    pub fn part(&self) -> Result<ChainSummary, ChainFault> {
        let first = self.records.keys().next().copied().unwrap_or(1);
        let last = self.records.keys().next_back().copied().unwrap_or_default();
        self.check_links(first, last)?;
        Ok(self.summary())
    }

    /// Checks each record and its link to the record before it. All records from `first` to `complete_to` must exist.
    fn check_links(&self, first: u64, complete_to: u64) -> Result<(), ChainFault> {
        let mut expected = first;
        let mut before: Option<&Entry> = None;
        for (&sequence, entry) in &self.records {
            if sequence != expected && expected <= complete_to {
                return Err(ChainFault::Missing { sequence: expected });
            }
            let id = entry.id.clone();
            if let Some((_, id)) = self.repeated.as_ref().filter(|(repeated, _)| *repeated == sequence) {
                return Err(ChainFault::Repeated { sequence, id: id.clone() });
            }
            if !entry.is_intact {
                return Err(ChainFault::Changed { sequence, id });
            }
            let has_predecessor = sequence == expected && before.is_some();
            let is_linked = match (has_predecessor, before) {
                (true, Some(before)) => entry.previous.as_ref() == Some(&before.hash),
                _ => sequence != 1 || entry.previous.is_none(),
            };
            if !is_linked {
                return Err(ChainFault::Unlinked { sequence, id });
            }
            before = Some(entry);
            expected = sequence.saturating_add(1);
        }
        if expected <= complete_to { Err(ChainFault::Missing { sequence: expected }) } else { Ok(()) }
    }

    fn summary(&self) -> ChainSummary {
        ChainSummary {
            records: self.records.len() as u64,
            first: self.records.keys().next().copied().unwrap_or_default(),
            last: self.records.keys().next_back().copied().unwrap_or_default(),
            hashes: self
                .records
                .first_key_value()
                .zip(self.records.last_key_value())
                .map(|((_, first), (_, last))| (first.hash.clone(), last.hash.clone())),
            unchained: self.unchained,
            last_unchained: self.last_unchained.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    type Fields = Map<String, Value>;

    /// A chain of this many records.
    fn chain(length: u64) -> Vec<Fields> {
        let mut previous = Value::Null;
        let mut records = Vec::new();
        for sequence in 1..=length {
            let mut fields = Fields::new();
            fields.insert("id".into(), json!(format!("id-{sequence}")));
            fields.insert("sequence".into(), json!(sequence));
            fields.insert("previous".into(), previous);
            rehash(&mut fields);
            previous = fields["hash"].clone();
            records.push(fields);
        }
        records
    }

    fn rehash(fields: &mut Fields) {
        let hash = record_hash(fields).unwrap();
        fields.insert("hash".into(), json!(hash));
    }

    fn head(fields: &Fields) -> ChainHead {
        let sequence = fields["sequence"].as_u64().unwrap();
        ChainHead { sequence, hash: fields["hash"].as_str().unwrap().to_owned() }
    }

    fn check(records: &[Fields], head: Option<&ChainHead>) -> Result<ChainSummary, ChainFault> {
        let mut check = ChainCheck::default();
        // In another order than that of the sequence.
        records.iter().rev().for_each(|fields| check.add(fields));
        check.whole(head, head)
    }

    #[test]
    fn a13_a_whole_chain_has_no_fault() {
        let records = chain(5);
        let summary = check(&records, Some(&head(&records[4]))).unwrap();
        assert_eq!((summary.records, summary.first, summary.last, summary.unchained), (5, 1, 5, 0));
        assert_eq!(check(&[], None).unwrap(), ChainSummary::default());
    }

    #[test]
    fn a13_the_first_fault_is_named() {
        let good = chain(5);
        let changed = |at: usize| {
            let mut records = good.clone();
            records[at].insert("action".into(), json!("other"));
            records
        };
        let mut replaced = changed(2);
        rehash(&mut replaced[2]);
        let mut twice = good.clone();
        twice.push(good[3].clone());
        let mut swapped = good.clone();
        swapped[1].insert("sequence".into(), json!(3));
        swapped[2].insert("sequence".into(), json!(2));
        let mut without_third = good.clone();
        without_third.remove(2);
        let id = |number: u64| format!("id-{number}");
        for (case, records, expected) in [
            ("missing", &without_third[..], ChainFault::Missing { sequence: 3 }),
            ("the first is missing", &good[1..], ChainFault::Missing { sequence: 1 }),
            ("the last is missing", &good[..4], ChainFault::Missing { sequence: 5 }),
            ("all are missing", &[], ChainFault::Missing { sequence: 1 }),
            ("changed", &changed(2), ChainFault::Changed { sequence: 3, id: id(3) }),
            ("changed, with a new hash", &replaced, ChainFault::Unlinked { sequence: 4, id: id(4) }),
            ("swapped", &swapped, ChainFault::Changed { sequence: 2, id: id(3) }),
            ("twice", &twice, ChainFault::Repeated { sequence: 4, id: id(4) }),
        ] {
            assert_eq!(check(records, Some(&head(&good[4]))).unwrap_err(), expected, "{case}");
        }
        let behind = ChainFault::HeadBehind { head: 4, last: 5 };
        assert_eq!(check(&good, Some(&head(&good[3]))).unwrap_err(), behind);
        assert_eq!(check(&good, None).unwrap_err(), ChainFault::HeadMissing { records: 5 });
        let foreign = ChainHead { sequence: 5, hash: "0".repeat(64) };
        assert_eq!(check(&good, Some(&foreign)).unwrap_err(), ChainFault::HeadChanged { sequence: 5 });
    }

    #[test]
    fn a13_records_that_are_added_during_the_check_are_no_fault() {
        let records = chain(5);
        let mut seen = ChainCheck::default();
        // Record 4 was added behind the reader and record 5 ahead of it.
        [0, 1, 2, 4].iter().for_each(|&at| seen.add(&records[at]));
        assert!(seen.whole(Some(&head(&records[2])), Some(&head(&records[4]))).is_ok());
    }

    #[test]
    fn a13_a_part_of_a_chain_is_checked_from_its_first_record_to_its_last() {
        let records = chain(5);
        let part = |of: &[usize]| {
            let mut check = ChainCheck::default();
            of.iter().for_each(|&at| check.add(&records[at]));
            check.part()
        };
        assert_eq!(part(&[1, 2, 3]).map(|it| (it.first, it.last)), Ok((2, 4)));
        assert_eq!(part(&[1, 3]), Err(ChainFault::Missing { sequence: 3 }));
    }

    #[test]
    fn a13_records_from_before_the_chain_are_counted_and_no_fault() {
        let mut records = chain(1);
        for at in ["2026-01-02T00:00:00.000Z", "2026-01-01T00:00:00.000Z"] {
            records.push(json!({ "id": "x", "at": at }).as_object().unwrap().clone());
        }
        let summary = check(&records, Some(&head(&records[0]))).unwrap();
        assert_eq!((summary.records, summary.unchained), (1, 2));
        assert_eq!(summary.last_unchained.as_deref(), Some("2026-01-02T00:00:00.000Z"));
    }

    #[test]
    fn a13_a_logged_record_is_found_by_its_number_and_hash() {
        let records = chain(3);
        let mut check = ChainCheck::default();
        records.iter().for_each(|fields| check.add(fields));
        assert!(check.contains(&head(&records[1])));
        assert!(!check.contains(&ChainHead { sequence: 1, ..head(&records[1]) }));
    }
}
