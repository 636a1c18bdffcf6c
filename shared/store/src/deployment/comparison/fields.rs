//! The fields in which two versions of an item differ.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::dynamodb::table::Item;

/// A field that differs between a copy and the current table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldDifference {
    /// It has another value. `None`: the value is long, or may be of use to a stranger.
    Value {
        /// The path of the field.
        field: String,
        /// The value in the copy, and the value now.
        values: Option<(String, String)>,
    },
    /// The copy has a part that was removed since.
    Removed {
        /// The path of the list.
        field: String,
        /// The part.
        part: String,
    },
    /// A part was added since.
    Added {
        /// The path of the list.
        field: String,
        /// The part.
        part: String,
    },
}

/// The texts that are shown. Other texts may be long, or of use to a stranger.
const SHOWN_TEXTS: [&str; 6] = ["accepted_until", "id", "status", "superseded_by", "url", "valid_until"];

/// Each change sets them, and they mean nothing else.
const IGNORED: [&str; 2] = ["updated_at", "version"];

/// The attributes that tell the parts of a list from each other.
const IDENTITIES: [&str; 4] = ["id", "kid", "digest", "fingerprint"];

/// The fields in which `copy` and `now` differ, without encrypted values. `None` if the items are the same, or only
/// sealed again.
pub(super) fn differences(copy: &Item, now: &Item) -> Option<Vec<FieldDifference>> {
    let mut found = Vec::new();
    compare_maps("", copy, now, &mut found);
    (!found.is_empty() || copy.get("updated_at") != now.get("updated_at")).then_some(found)
}

fn compare_maps(path: &str, copy: &Item, now: &Item, found: &mut Vec<FieldDifference>) {
    let names: BTreeSet<&String> = copy.keys().chain(now.keys()).collect();
    for name in names.into_iter().filter(|name| !IGNORED.contains(&name.as_str())) {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        let absent = AttributeValue::Null(true);
        let value = |item: &'_ Item| item.get(name).cloned().unwrap_or_else(|| absent.clone());
        compare_values((name, &path), &value(copy), &value(now), found);
    }
}

fn compare_values(
    (name, path): (&str, &str),
    copy: &AttributeValue,
    now: &AttributeValue,
    found: &mut Vec<FieldDifference>,
) {
    match (copy, now) {
        _ if copy == now => {}
        (AttributeValue::B(_), AttributeValue::B(_)) => {} // sealed
        (AttributeValue::M(copy), AttributeValue::M(now)) => compare_maps(path, copy, now, found),
        (AttributeValue::L(copy), AttributeValue::L(now)) => compare_lists(path, copy, now, found),
        _ => {
            let values = shown(name, copy).zip(shown(name, now));
            found.push(FieldDifference::Value { field: path.to_owned(), values });
        }
    }
}

fn compare_lists(
    path: &str,
    copy: &[AttributeValue],
    now: &[AttributeValue],
    found: &mut Vec<FieldDifference>,
) {
    let mut left: HashMap<String, &AttributeValue> = now.iter().map(|part| (identity(part), part)).collect();
    for part in copy {
        match (left.remove(&identity(part)), part) {
            (None, _) => {
                found.push(FieldDifference::Removed { field: path.to_owned(), part: label(part) });
            }
            (Some(AttributeValue::M(now)), AttributeValue::M(copy)) => {
                compare_maps(&format!("{path} {}", label(part)), copy, now, found);
            }
            (Some(_), _) => {} // the whole value is its identity
        }
    }
    // In the order of the list.
    for part in now.iter().filter(|part| left.contains_key(&identity(part))) {
        found.push(FieldDifference::Added { field: path.to_owned(), part: label(part) });
    }
}

/// What a part of a list is recognized by: an id or hash that it has, or all of it.
fn identity(part: &AttributeValue) -> String {
    let text = |name| part.as_m().ok()?.get(name)?.as_s().ok().cloned();
    IDENTITIES.into_iter().find_map(text).unwrap_or_else(|| format!("{part:?}"))
}

/// What a person recognizes a part by: its id, its role, or its time. No hash of a secret, and nothing else of it.
fn label(part: &AttributeValue) -> String {
    let text = |name| part.as_m().ok()?.get(name)?.as_s().ok().cloned();
    if let Some((role, entity)) = text("role").zip(text("entity_id")) {
        return format!("{role} on {entity}");
    }
    let created = || text("created_at").map(|time| format!("the one of {time}"));
    let known = || ["id", "kid", "fingerprint", "url"].into_iter().find_map(text);
    known().or_else(created).unwrap_or_else(|| "a part".to_owned())
}

fn shown(name: &str, value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::Null(_) => Some("none".to_owned()),
        AttributeValue::Bool(value) => Some(value.to_string()),
        AttributeValue::N(number) => Some(number.clone()),
        AttributeValue::S(text) if SHOWN_TEXTS.contains(&name) => Some(text.escape_debug().to_string()),
        _ => None,
    }
}
