//! The events of a DynamoDB stream, and what a change in it means for the archive.

use model::{EntityId, record_hash};
use serde::Deserialize;
use serde_dynamo::{AttributeValue, Item};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A batch of changes of the table (AWS Lambda Developer Guide, *Using AWS Lambda with Amazon DynamoDB*).
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    #[serde(rename = "Records")]
    pub(crate) changes: Vec<Change>,
}

/// A change of one item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    event_name: EventName,
    dynamodb: Images,
    /// Only for items that DynamoDB deletes itself.
    user_identity: Option<UserIdentity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum EventName {
    Insert,
    Modify,
    Remove,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Item,
    new_image: Option<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity {
    principal_id: String,
}

/// A record in the form in which it is archived.
#[derive(Debug)]
pub(crate) struct ArchivedRecord {
    pub(crate) entity: EntityId,
    /// Its number in the chain of the entity.
    pub(crate) sequence: u64,
    /// The hash of its content.
    pub(crate) hash: String,
    /// Whether it names this hash.
    pub(crate) has_its_hash: bool,
    /// All its fields, as `tokenbooth audit export` writes them.
    pub(crate) fields: Map<String, Value>,
}

/// What a change means for the archive.
#[derive(Debug)]
pub(crate) enum Finding {
    /// A new record of a chain. With a fault it is archived all the same.
    Record { record: ArchivedRecord, fault: Option<AuditFault> },
    /// The change cannot come from a function of this deployment.
    Fault(AuditFault),
    /// Nothing to archive: a copy in the log of an ancestor, or a record of an earlier version, without a place in a chain.
    Nothing,
}

/// A change of the audit log that no function of this deployment makes.
#[derive(Debug)]
pub(crate) struct AuditFault {
    /// The entity in whose log it is.
    pub(crate) entity: Option<EntityId>,
    /// The record.
    pub(crate) record: Option<Uuid>,
    pub(crate) cause: FaultCause,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultCause {
    /// Its content does not have the hash that it names.
    #[error("a record was written that does not have its hash")]
    WrongHash,
    /// It is no audit record.
    #[error("something that is no audit record was written to the log")]
    NoRecord,
    /// An existing record was written again with another content.
    #[error("a record was changed")]
    Changed,
    /// An existing record was deleted, and not by DynamoDB because it had ended.
    #[error("a record was deleted")]
    Deleted,
}

impl Change {
    /// What the change means for the archive. It never fails: a batch that fails is sent again and again, so an item that
    /// somebody put into the table would stop the archive.
    pub(crate) fn examine(self) -> Finding {
        let Some(log) = text(&self.dynamodb.keys, "pk").strip_prefix("audit#") else {
            return Finding::Nothing;
        };
        let entity: Option<EntityId> = log.parse().ok();
        let id = text(&self.dynamodb.keys, "sk").parse().ok();
        let fault = |cause| AuditFault { entity, record: id, cause };
        match self.event_name {
            EventName::Modify => Finding::Fault(fault(FaultCause::Changed)),
            EventName::Remove if self.is_expired() => Finding::Nothing,
            EventName::Remove => Finding::Fault(fault(FaultCause::Deleted)),
            EventName::Insert => match (entity, self.dynamodb.new_image.map(fields)) {
                (Some(entity), Some(Ok(fields))) => new_record(entity, fields, fault),
                _ => Finding::Fault(fault(FaultCause::NoRecord)),
            },
        }
    }

    /// Whether DynamoDB deleted the item because its time was over. Only refused calls of earlier versions have an end.
    fn is_expired(&self) -> bool {
        self.user_identity.as_ref().is_some_and(|user| user.principal_id == "dynamodb.amazonaws.com")
    }
}

/// A new item in the log of `entity`.
fn new_record(
    entity: EntityId,
    fields: Map<String, Value>,
    fault: impl Fn(FaultCause) -> AuditFault,
) -> Finding {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let Some(sequence) = fields.get("sequence").and_then(Value::as_u64) else { return Finding::Nothing };
    if text("entity_id") != Some(&entity.to_string()) {
        return Finding::Nothing;
    }
    let Ok(hash) = record_hash(&fields) else { return Finding::Fault(fault(FaultCause::NoRecord)) };
    let has_its_hash = text("hash") == Some(&hash);
    let fault = (!has_its_hash).then(|| fault(FaultCause::WrongHash));
    Finding::Record { record: ArchivedRecord { entity, sequence, hash, has_its_hash, fields }, fault }
}

impl ArchivedRecord {
    /// The key of its object. A record that does not have its hash never takes the key of one that has.
    pub(crate) fn object_key(&self) -> String {
        let Self { entity, sequence, hash, has_its_hash, .. } = self;
        let suffix = if *has_its_hash { "" } else { "-changed" };
        format!("{entity}/{sequence:020}-{hash}{suffix}.json")
    }
}

/// The text of an attribute; empty if there is none.
fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text,
        _ => "",
    }
}

/// The fields of an item as JSON, without its key.
fn fields(item: Item) -> Result<Map<String, Value>, serde_dynamo::Error> {
    let mut fields: Map<String, Value> = serde_dynamo::from_item(item)?;
    fields.retain(|name, _| !["pk", "sk"].contains(&name.as_str()));
    Ok(fields)
}
