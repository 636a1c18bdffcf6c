//! Reading a request's body and path: strictly, with the field named in what is refused.

use std::collections::BTreeMap;

use lambda_http::http::header;
use lambda_http::{Body, Request, RequestExt as _};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::problem::{Code, Problem};
use crate::request::query::is_text;

/// The body as JSON.
///
/// # Errors
/// [`Code::UnsupportedMediaType`], or [`Code::InvalidRequest`] naming the field.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    match media_type(request)? {
        Some(named) if named == "application/json" => read(request.body().as_ref()),
        _ => Err(Problem::new(Code::UnsupportedMediaType, "the body must be application/json")
            .about("content-type")),
    }
}

/// The body as JSON, or nothing at all.
///
/// # Errors
/// As [`json`].
pub fn json_or_empty<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Problem> {
    if request.body().is_empty() { Ok(T::default()) } else { json(request) }
}

/// The body as JSON, also where no media type says so: the documented clients of window K name none (K2).
///
/// # Errors
/// As [`json`].
pub fn json_or_untyped<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    if request.headers().contains_key(header::CONTENT_TYPE) {
        json(request)
    } else {
        read(request.body().as_ref())
    }
}

/// The body as JSON or as a form, or nothing at all (F12). In a form, the fields in `nested` hold JSON.
///
/// # Errors
/// [`Code::InvalidRequest`] naming the field.
pub fn form_or_json<T: DeserializeOwned + Default>(request: &Request, nested: &[&str]) -> Result<T, Problem> {
    let named = media_type(request)?;
    let body = request.body().as_ref();
    match named.as_deref() {
        _ if body.is_empty() => Ok(T::default()),
        Some("application/json") => read(body),
        Some("application/x-www-form-urlencoded") => form(body, nested),
        _ => Err(Problem::invalid(
            "content-type",
            "must be application/json or application/x-www-form-urlencoded",
        )),
    }
}

/// The request's path parameter of that name, as an id; there is nothing at a malformed one.
///
/// # Errors
/// [`Code::NotFound`].
pub fn path_parameter<T: std::str::FromStr>(request: &Request, name: &str) -> Result<T, Problem> {
    let text = request.path_parameters_ref().and_then(|parameters| parameters.first(name));
    text.and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)
}

/// Whether the route that was matched has a path parameter of that name.
#[must_use]
pub fn has_path_parameter(request: &Request, name: &str) -> bool {
    request.path_parameters_ref().is_some_and(|parameters| parameters.first(name).is_some())
}

/// The media type without parameters, in lower case; a character set must be UTF-8.
pub(crate) fn media_type(request: &Request) -> Result<Option<String>, Problem> {
    let refuse = || Problem::invalid("content-type", "must be one media type, in UTF-8");
    let mut values = request.headers().get_all(header::CONTENT_TYPE).iter();
    let (first, second) = (values.next(), values.next());
    let Some(value) = first else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| second.is_none()).ok_or_else(refuse)?.to_ascii_lowercase();
    let (named, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let charset = parameters.split(';').filter_map(|it| it.trim().strip_prefix("charset="));
    if charset.map(|it| it.trim_matches('"')).any(|it| it != "utf-8") {
        return Err(refuse());
    }
    Ok(Some(named.trim().to_owned()))
}

/// An input struct would take its fields from an array as well, in their order; what is documented is an object.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::invalid("body", "must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json);
    let value = value.map_err(|error| if is_json(body) { misfit(&error) } else { no_json() })?;
    json.end().map_err(|_| no_json())?;
    Ok(value)
}

/// A form is read as the JSON object that says the same.
fn form<T: DeserializeOwned>(body: &[u8], nested: &[&str]) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
        .ok()
        .filter(|_| is_text(body))
        .ok_or_else(|| Problem::invalid("body", "is not a form in UTF-8"))?;
    let mut members = BTreeMap::new();
    for (name, text) in pairs {
        let member = if nested.contains(&name.as_str()) { text } else { json!(text).to_string() };
        if !is_json(member.as_bytes()) {
            return Err(Problem::invalid(name, "must hold JSON"));
        }
        if members.insert(json!(name).to_string(), member).is_some() {
            return Err(Problem::invalid(name, "is given twice"));
        }
    }
    let members: Vec<String> = members.iter().map(|(name, member)| format!("{name}:{member}")).collect();
    read(format!("{{{}}}", members.join(",")).as_bytes())
}

fn no_json() -> Problem {
    Problem::invalid("body", "is not one valid JSON value")
}

/// Asked once something did not fit, for the parser calls `null` in place of a word a syntax error, too.
fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// What the caller hears of JSON that does not fit: the field, and the rule it breaks.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (path, text) = (error.path().to_string(), error.inner().to_string());
    let rule: String =
        text.split(" at line ").next().unwrap_or_default().chars().take(LONGEST_RULE).collect();
    let named = rule.split('`').nth(1).filter(|_| path == "." || rule.starts_with("unknown field"));
    let field = named.unwrap_or(&path).to_owned();
    Problem::invalid(if field == "." { "body".to_owned() } else { field }, rule)
}

/// The most characters of a rule that are told: all of ours are shorter, but some say what was sent.
const LONGEST_RULE: usize = 500;

/// The body's bytes, for comparing requests.
pub(crate) fn bytes(request: &Request) -> &[u8] {
    match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Profile;

    fn request(media_type: Option<&str>, body: impl Into<Body>) -> Request {
        let mut builder = lambda_http::http::Request::builder();
        if let Some(media_type) = media_type {
            builder = builder.header("content-type", media_type);
        }
        builder.body(body.into()).unwrap()
    }

    fn field_of(media_type: &str, body: &str) -> Option<String> {
        let refused = form_or_json::<Profile>(&request(Some(media_type), body), &["metadata"]).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidRequest);
        refused.field().map(str::to_owned)
    }

    #[test]
    fn f12_a_body_may_be_json_form_or_empty() {
        let json = r#"{"first_name":"A","metadata":{"a":[1]}}"#;
        let form = "first_name=A&metadata=%7B%22a%22%3A%5B1%5D%7D";
        for (media_type, body) in [
            ("application/json", json),
            ("Application/JSON; charset=UTF-8", json),
            ("application/x-www-form-urlencoded", form),
        ] {
            let profile: Profile = form_or_json(&request(Some(media_type), body), &["metadata"]).unwrap();
            assert_eq!(profile.first_name.unwrap().as_str(), "A", "{media_type}");
            assert_eq!(serde_json::to_value(profile.metadata).unwrap(), serde_json::json!({ "a": [1] }));
        }
        for media_type in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
            assert!(form_or_json::<Profile>(&request(media_type, ""), &[]).is_ok(), "{media_type:?}");
        }
    }

    #[test]
    fn f12_what_is_refused_names_its_field() {
        let json = "application/json";
        let form = "application/x-www-form-urlencoded";
        for (media_type, body, field) in [
            (json, r#"{"first_name":1}"#, "first_name"),
            (json, r#"{"nick":"x"}"#, "nick"),
            (json, r#"{"first_name":"a","first_name":"b"}"#, "first_name"),
            (json, r#"{"email":"nobody"}"#, "email"),
            (json, r#"{"metadata":"x"}"#, "metadata"),
            (json, r#"{"metadata":{"a":1}"#, "body"),
            (json, "[]", "body"),
            (json, "{} {}", "body"),
            (json, "null", "body"),
            (form, "first_name=a&first_name=b", "first_name"),
            (form, "nick=x", "nick"),
            (form, "metadata=x", "metadata"),
            (form, "metadata=%5B%5D", "metadata"),
            (form, "first_name=%00", "first_name"),
            (form, "first_name=%ff", "body"),
            ("text/plain", "x", "content-type"),
            ("application/json, text/plain", "{}", "content-type"),
            ("application/json; charset=latin1", "{}", "content-type"),
        ] {
            assert_eq!(field_of(media_type, body).as_deref(), Some(field), "{media_type} {body}");
        }
    }

    #[test]
    fn a5_what_is_refused_is_not_told_at_any_length() {
        let long = "x".repeat(50_000);
        for body in [format!(r#"{{"{long}":1}}"#), format!(r#"{{"email":"a","metadata":"{long}"}}"#)] {
            let refused = form_or_json::<Profile>(&request(Some("application/json"), body), &[]).unwrap_err();
            let told = (refused.field().unwrap().len(), refused.detail().len());
            assert!(told.0 <= 100 && told.1 <= 500, "{told:?}");
        }
    }

    #[test]
    fn deep_json_and_other_encodings_are_refused() {
        let deep = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(200), "}".repeat(200));
        assert!(field_of("application/json", &deep).is_some());
        let latin = request(Some("application/json"), Body::Binary(b"{\"first_name\":\"\xe9\"}".to_vec()));
        assert!(form_or_json::<Profile>(&latin, &[]).is_err());
        let latin =
            request(Some("application/x-www-form-urlencoded"), Body::Binary(b"first_name=\xe9".to_vec()));
        assert!(form_or_json::<Profile>(&latin, &[]).is_err());
    }
}
