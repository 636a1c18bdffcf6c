//! Compares the answer in a document with the real one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Block;

/// How a shown answer differs from the real one.
pub(super) fn difference(shown: &Block, real: &str) -> Option<String> {
    match shown.info.as_str() {
        "json" => {
            let read = |text| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            match (read(&shown.text), read(real)) {
                (Ok(shown), Ok(real)) => unlike("", &shown, &real),
                (Err(error), _) => Some(format!("the shown one is no JSON: {error}")),
                (_, Err(error)) => Some(format!("the real one is no JSON: {error}")),
            }
        }
        "text" => {
            let (shown, real) = (shown.text.lines().count(), real.lines().count());
            (shown != real).then(|| format!("{shown} lines, and not {real}"))
        }
        _ => None,
    }
}

/// The first place where two values have different fields or types. Of arrays, only the first items are compared.
fn unlike(at: &str, shown: &Value, real: &Value) -> Option<String> {
    match (shown, real) {
        (Value::Object(shown), Value::Object(real)) => {
            let (of_shown, of_real): (BTreeSet<_>, BTreeSet<_>) =
                (shown.keys().collect(), real.keys().collect());
            if of_shown != of_real {
                return Some(format!("{at} has {of_real:?}, and not {of_shown:?}"));
            }
            shown.iter().find_map(|(name, value)| unlike(&format!("{at}/{name}"), value, &real[name]))
        }
        (Value::Array(shown), Value::Array(real)) => match (shown.first(), real.first()) {
            (Some(shown), Some(real)) => unlike(&format!("{at}/0"), shown, real),
            (None, None) => None,
            _ => Some(format!("{at} has {} items, and not {}", real.len(), shown.len())),
        },
        _ if std::mem::discriminant(shown) == std::mem::discriminant(real) => None,
        _ => Some(format!("{at} is {real}")),
    }
}
