//! Parses JSON strictly. An error names the field.

use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The maximum number of characters of a rule in a response. Our rules are shorter, but some quote what the caller sent.
const MAX_RULE_LENGTH: usize = 500;

/// Parses a JSON object. Serde would also read a struct from an array, in the order of its fields.
pub(crate) fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::invalid("body", "must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| if is_json(body) { field_error(&error) } else { syntax_error() })?;
    json.end().map_err(|_| syntax_error())?;
    Ok(value)
}

/// Whether `body` is JSON. The parser also reports `null` in place of a string as a syntax error.
pub(crate) fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

fn syntax_error() -> Problem {
    Problem::invalid("body", "is not one valid JSON value")
}

/// The field, and the rule that its value breaks.
fn field_error(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (path, text) = (error.path().to_string(), error.inner().to_string());
    let rule: String =
        text.split(" at line ").next().unwrap_or_default().chars().take(MAX_RULE_LENGTH).collect();
    let quoted = rule.split('`').nth(1).filter(|_| path == "." || rule.starts_with("unknown field"));
    let field = quoted.unwrap_or(&path).to_owned();
    let is_no_string = rule.starts_with("invalid type") && rule.ends_with("expected a string");
    let rule = if is_no_string { "must be a string".to_owned() } else { rule };
    Problem::invalid(if field == "." { "body".to_owned() } else { field }, rule)
}
