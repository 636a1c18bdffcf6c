//! Filter patterns of CloudWatch Logs for JSON, as far as the template uses them: `{ $.a.b = "text*" && $.c != "text" }`,
//! and `{ (… && …) || (… && …) }`.

use serde_json::Value;

/// Whether the line matches the pattern.
pub(super) fn matches(pattern: &str, line: &Value) -> bool {
    let inner = pattern.strip_prefix("{ ").and_then(|it| it.strip_suffix(" }")).expect("a pattern for JSON");
    let without_parentheses = |terms: &str| terms.trim_start_matches('(').trim_end_matches(')').to_owned();
    let mut alternatives = inner.split(" || ").map(without_parentheses);
    alternatives.any(|terms| terms.split(" && ").all(|term| matches_term(term, line)))
}

/// A comparison of a field with a text, in which `*` stands for any characters. A field that a line does not have matches
/// nothing.
fn matches_term(term: &str, line: &Value) -> bool {
    let [field, operator, quoted] = term.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{term}") };
    let path = field.strip_prefix("$.").expect("a field").replace('.', "/");
    if (operator, quoted) == ("NOT", "EXISTS") {
        return line.pointer(&format!("/{path}")).is_none();
    }
    let wanted = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"')).expect("a text in quotes");
    let Some(found) = line.pointer(&format!("/{path}")).and_then(Value::as_str) else { return false };
    match operator {
        "=" => fits(wanted, found),
        "!=" => !fits(wanted, found),
        other => panic!("{other} is not used yet"),
    }
}

fn fits(wanted: &str, found: &str) -> bool {
    let Some((first, rest)) = wanted.split_once('*') else { return wanted == found };
    let Some(mut left) = found.strip_prefix(first) else { return false };
    let parts: Vec<_> = rest.split('*').collect();
    let (last, middle) = parts.split_last().expect("at least one part");
    for part in middle {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[test]
fn a_pattern_compares_texts_with_stars() {
    let line = serde_json::json!({ "status": "503", "a": { "b": "one two three" } });
    for (pattern, expected) in [
        (r#"{ $.status = "5*" }"#, true),
        (r#"{ $.status = "4*" }"#, false),
        (r#"{ $.status != "200" && $.a.b = "*two*" }"#, true),
        (r#"{ $.status = "200" || $.a.b = "one*three" }"#, true),
        (r#"{ $.a.b = "*two" }"#, false),
        (r#"{ $.missing != "x" }"#, false),
        (r#"{ $.missing NOT EXISTS }"#, true),
        (r#"{ $.status NOT EXISTS }"#, false),
        (r#"{ ($.status = "200" && $.missing NOT EXISTS) || ($.status = "503" && $.a.b = "one*") }"#, true),
    ] {
        assert_eq!(matches(pattern, &line), expected, "{pattern}");
    }
}
