//! Keys as files to download (K1).

use api::{Problem, Request};
use serde_json::Value;

/// The name of the downloaded file.
pub(crate) const NAME: &str = "api-key.json";

/// Whether the query has `download=true`.
pub(crate) fn is_wanted(request: &Request) -> Result<bool, Problem> {
    api::flag(request, "download")
}

/// The key file in the JSON of a new key.
pub(crate) fn extract(json: &str) -> Result<String, serde_json::Error> {
    let mut created: Value = serde_json::from_str(json)?;
    match created.get_mut("key_file").map(Value::take) {
        Some(file) => serde_json::to_string(&file),
        // A stored answer that an earlier version of this program wrote is the file itself.
        None => Ok(json.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k1_a_download_is_the_key_file_alone() {
        let file = r#"{"appClientId":"a","appClientSecret":"b","encodedKey":"c"}"#;
        let created = format!(r#"{{"name":"web","key_file":{file},"client_secret":"b"}}"#);
        assert_eq!(extract(&created).unwrap(), file);
        assert_eq!(extract(file).unwrap(), file);
    }
}
