//! The chain of an entity's audit records (A13). Each record has a sequence number, the hash of the record before it, and
//! its own hash. `docs/wire-formats.md` describes the hash, so that others can compute it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::AuditRecord;

/// The place of a record in the chain of its entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The number of the record in its chain: 1 for the first one.
    pub sequence: u64,
    /// The hash of the record before it. `None` for the first one.
    pub previous: Option<String>,
    /// The hash of the record: SHA-256 in lower-case hex.
    pub hash: String,
}

/// The last record of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// Its sequence number.
    pub sequence: u64,
    /// Its hash.
    pub hash: String,
}

/// A record cannot be written as canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be written as canonical JSON")]
pub struct Unhashable(#[from] serde_json::Error);

impl AuditRecord {
    /// The record as the next one after `head`, and the new head. Without a head it is the first record of its chain.
    ///
    /// # Errors
    /// [`Unhashable`].
    pub fn chained(mut self, head: Option<&ChainHead>) -> Result<(Self, ChainHead), Unhashable> {
        let sequence = head.map_or(1, |head| head.sequence.saturating_add(1));
        let previous = head.map(|head| head.hash.clone());
        self.link = Some(ChainLink { sequence, previous: previous.clone(), hash: String::new() });
        let hash = match serde_json::to_value(&self)? {
            Value::Object(fields) => record_hash(&fields)?,
            _ => String::new(),
        };
        self.link = Some(ChainLink { sequence, previous, hash: hash.clone() });
        Ok((self, ChainHead { sequence, hash }))
    }
}

/// The hash of a record: SHA-256 over its fields without `hash`, as canonical JSON (RFC 8785).
///
/// # Errors
/// [`Unhashable`].
pub fn record_hash(fields: &Map<String, Value>) -> Result<String, Unhashable> {
    let covered: BTreeMap<&String, &Value> = fields.iter().filter(|(name, _)| *name != "hash").collect();
    Ok(crypto::digest_hex(&serde_json_canonicalizer::to_vec(&covered)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, AuditAction, ClientId, Entity, EntityKind, Name, Target, Via};
    use serde_json::json;

    fn record() -> AuditRecord {
        let client_id: ClientId = "a".repeat(26).parse().unwrap();
        let actor = Actor { client_id: Some(client_id), via: Via::Bearer };
        let now = jiff::Timestamp::from_second(1_800_000_000).unwrap();
        let name = Name::try_from("account".to_owned()).unwrap();
        let id = "account-0195f3a0-1111-7222-8333-444455556666".parse().unwrap();
        let owner = Entity { id, ..Entity::new(EntityKind::Account, None, name, now) };
        let changes = json!({ "name": "\u{20ac}", "token_duration": 600, "grants": [], "note": null });
        let record =
            AuditRecord::new((actor, None), AuditAction::Create, Target::Entity(id), &owner, changes, now);
        AuditRecord { id: uuid::Uuid::nil(), source_ip_hash: Some("h".to_owned()), ..record }
    }

    fn fields(record: &AuditRecord) -> Map<String, Value> {
        serde_json::to_value(record).unwrap().as_object().unwrap().clone()
    }

    #[test]
    fn a13_the_hash_is_sha_256_of_the_canonical_json_without_the_hash() {
        let (first, _) = record().chained(None).unwrap();
        let canonical = concat!(
            r#"{"action":"entity.create","actor":{"client_id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","via":"bearer"},"ancestors":[],"#,
            r#""at":"2027-01-15T08:00:00.000Z","changes":{"grants":[],"name":"\u{20ac}","note":null,"token_duration":600},"#,
            r#""entity_id":"account-0195f3a0-1111-7222-8333-444455556666","id":"00000000-0000-0000-0000-000000000000","#,
            r#""previous":null,"sequence":1,"source_ip_hash":"h","#,
            r#""target":{"id":"account-0195f3a0-1111-7222-8333-444455556666","kind":"entity"}}"#,
        );
        let canonical = canonical.replace("\\u{20ac}", "\u{20ac}");
        assert_eq!(first.link.unwrap().hash, crypto::digest_hex(canonical.as_bytes()));
    }

    #[test]
    fn a13_a_record_names_the_hash_of_the_record_before_it() {
        let (first, head) = record().chained(None).unwrap();
        let (second, next) = record().chained(Some(&head)).unwrap();
        assert_eq!(first.link, Some(ChainLink { sequence: 1, previous: None, hash: head.hash.clone() }));
        assert_eq!(
            second.link,
            Some(ChainLink { sequence: 2, previous: Some(head.hash.clone()), hash: next.hash.clone() })
        );
        assert_ne!(next.hash, head.hash);
    }

    #[test]
    fn a13_the_hash_covers_every_field_and_no_other_spelling_of_the_same_record() {
        let (chained, head) = record().chained(None).unwrap();
        let stored = fields(&chained);
        assert_eq!(record_hash(&stored).unwrap(), head.hash);
        for name in stored.keys().filter(|name| *name != "hash") {
            let mut changed = stored.clone();
            changed.insert(name.clone(), json!("other"));
            assert_ne!(record_hash(&changed).unwrap(), head.hash, "{name}");
            changed.remove(name);
            assert_ne!(record_hash(&changed).unwrap(), head.hash, "without {name}");
        }
        let mut more = stored;
        more.insert("expires_at".to_owned(), json!(1));
        assert_ne!(record_hash(&more).unwrap(), head.hash, "an added field");
    }

    #[test]
    fn a13_a_record_from_before_the_chain_is_read_without_a_place_in_it() {
        let mut old = fields(&record());
        old.retain(|name, _| !["ancestors", "source_ip_hash"].contains(&name.as_str()));
        old.insert("source_ip".to_owned(), json!("192.0.2.1"));
        let read: AuditRecord = serde_json::from_value(Value::Object(old)).unwrap();
        assert_eq!((read.link, read.source_ip.as_deref()), (None, Some("192.0.2.1")));
    }
}
