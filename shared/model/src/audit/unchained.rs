//! Finds records that were added to a log without a place in a chain (A13).

use serde_json::{Map, Value};

use crate::ChainFault;

/// Collects the records of one log, in any order. Records without a place in a chain were written before the chains of the
/// log began. A later one, permanent or temporary, was not added by a function of this version.
#[derive(Debug, Clone, Default)]
pub struct UnchainedCheck {
    /// The first id and the first time of the records that have a place in a chain.
    began: Option<Position>,
    /// Of the records without a place, the one with the last id.
    last: Option<Position>,
    /// Of the records without a place, the one with the last time.
    latest: Option<Position>,
}

/// The id of a record, which sorts by time, and its time.
#[derive(Debug, Clone)]
struct Position {
    id: String,
    at: String,
}

impl UnchainedCheck {
    /// Adds a record: the id under which it is stored, and all fields that are stored for it.
    pub fn add(&mut self, id: &str, fields: &Map<String, Value>) {
        let at = fields.get("at").and_then(Value::as_str).unwrap_or_default();
        let record = Position { id: id.to_owned(), at: at.to_owned() };
        if fields.get("sequence").is_some_and(Value::is_u64) {
            self.add_beginning(record);
            return;
        }
        if self.last.as_ref().is_none_or(|last| last.id < record.id) {
            self.last = Some(record.clone());
        }
        if self.latest.as_ref().is_none_or(|latest| latest.at < record.at) {
            self.latest = Some(record);
        }
    }

    /// Adds that the chains began with the first one of another log, which has copies of the records of this log.
    pub fn add_log_above(&mut self, above: &Self) {
        above.began.iter().cloned().for_each(|began| self.add_beginning(began));
    }

    /// A record without a place in a chain that is not older than all records with one.
    #[must_use]
    pub fn fault(&self) -> Option<ChainFault> {
        let began = self.began.as_ref()?;
        let last = self.last.as_ref().filter(|last| last.id > began.id);
        let added = last.or_else(|| self.latest.as_ref().filter(|latest| latest.at > began.at))?;
        Some(ChainFault::Unchained { id: added.id.clone() })
    }

    fn add_beginning(&mut self, first: Position) {
        self.began = Some(match self.began.take() {
            Some(began) => Position { id: began.id.min(first.id), at: began.at.min(first.at) },
            None => first,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A check of records with these days as ids, times and, if there is one, sequences.
    fn check(records: &[(&str, &str, Option<u64>)]) -> UnchainedCheck {
        let mut check = UnchainedCheck::default();
        for (id, at, sequence) in records {
            let mut fields = json!({ "at": at });
            if let Some(sequence) = sequence {
                fields["sequence"] = json!(sequence);
            }
            check.add(id, fields.as_object().unwrap());
        }
        check
    }

    #[test]
    fn a13_a_record_without_a_place_is_a_fault_if_it_is_later_than_the_first_record_of_a_chain() {
        let chain = [("5", "5", Some(2)), ("4", "4", Some(1))];
        for (case, id, at, is_fault) in [
            ("older", "3", "3", false),
            ("between", "4a", "4a", true),
            ("newest", "6", "6", true),
            ("with a newer id", "6", "3", true),
            ("with a newer time", "3", "6", true),
        ] {
            let found = check(&[chain[0], (id, at, None), chain[1], ("1", "1", None)]).fault();
            let expected = is_fault.then(|| ChainFault::Unchained { id: id.to_owned() });
            assert_eq!(found, expected, "{case}");
        }
    }

    #[test]
    fn a13_a_log_without_a_chain_takes_the_beginning_from_the_log_above() {
        let mut log = check(&[("6", "6", None)]);
        assert_eq!(log.fault(), None, "nothing says that a chain has begun");
        log.add_log_above(&check(&[("4", "4", Some(1))]));
        assert_eq!(log.fault(), Some(ChainFault::Unchained { id: "6".to_owned() }));
    }
}
