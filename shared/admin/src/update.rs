//! Writing an updated resource, unless the update changes nothing.

use serde::Serialize;
use serde_json::Value;
use store::WriteError;

use crate::Result;
use crate::session::map_write_error;

/// Every update changes these fields.
const FIELDS_OF_EACH_UPDATE: [&str; 2] = ["version", "updated_at"];

/// Waits for `write`, which replaces `old` with `new`, and returns `new`. If both have the same fields, writes nothing and
/// returns `old`: an update that changes nothing leaves no permanent audit record (A13).
pub(crate) async fn write_update<'r, T: Serialize>(
    (old, new): (&'r T, &'r T),
    write: impl Future<Output = Result<(), WriteError>>,
    expected_version: Option<u64>,
) -> Result<&'r T> {
    if fields(old)? == fields(new)? {
        return Ok(old);
    }
    map_write_error(write.await, expected_version)?;
    Ok(new)
}

/// The stored fields without those that every update changes.
fn fields(resource: &impl Serialize) -> Result<Value> {
    let mut fields = serde_json::to_value(resource)?;
    if let Value::Object(fields) = &mut fields {
        fields.retain(|name, _| !FIELDS_OF_EACH_UPDATE.contains(&name.as_str()));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use futures_util::FutureExt as _;
    use serde_json::json;

    #[test]
    fn a13_only_an_update_that_changes_a_field_is_written() {
        let old = json!({ "name": "one", "version": 1, "updated_at": 5 });
        for (new, is_written) in [
            (json!({ "name": "one", "version": 2, "updated_at": 6 }), false),
            (json!({ "name": "two", "version": 2, "updated_at": 6 }), true),
            (json!({ "name": "one", "end": null, "version": 2, "updated_at": 6 }), true),
        ] {
            let written = Cell::new(false);
            let write = async {
                written.set(true);
                Ok(())
            };
            let stored = write_update((&old, &new), write, None).now_or_never().unwrap().unwrap();
            assert_eq!((written.get(), stored), (is_written, if is_written { &new } else { &old }));
        }
    }
}
