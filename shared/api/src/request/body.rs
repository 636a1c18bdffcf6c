//! Reads the body of a request as JSON, as a form, or as either.

use std::collections::BTreeMap;

use lambda_http::Request;
use lambda_http::http::header;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::problem::{Code, Problem};
use crate::request::json::{is_json, parse_object};
use crate::request::query::is_text;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Rules for the fields of a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormFields {
    /// The fields that hold JSON.
    pub json: &'static [&'static str],
    /// The fields that count as absent when they are blank: empty, or nothing but spaces.
    pub optional: &'static [&'static str],
}

/// Reads the body as JSON.
///
/// # Errors
/// [`Code::UnsupportedMediaType`], or [`Code::InvalidRequest`] naming the field.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    match media_type(request)?.as_deref() {
        Some(JSON) => parse_object(request.body().as_ref()),
        _ => Err(unsupported_media_type()),
    }
}

/// Reads the body as JSON, or returns the default if the body is empty.
///
/// # Errors
/// Those of [`json`].
pub fn json_or_empty<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Problem> {
    if request.body().is_empty() { Ok(T::default()) } else { json(request) }
}

/// Reads the body as JSON, also with the media types that clients send by default (K7): `curl -d` sends the media type of
/// a form, `fetch` the one of plain text, and the documented clients send none.
///
/// # Errors
/// Those of [`json`].
pub fn json_of_any_client<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    match media_type(request)?.as_deref() {
        None | Some(JSON | FORM | "text/plain") => parse_object(request.body().as_ref()),
        _ => Err(unsupported_media_type()),
    }
}

/// Reads the body as JSON or as a form; returns the default if the body is empty (F12).
///
/// # Errors
/// [`Code::InvalidRequest`] naming the field.
pub fn form_or_json<T: DeserializeOwned + Default>(
    request: &Request,
    fields: FormFields,
) -> Result<T, Problem> {
    let media_type = media_type(request)?;
    let body = request.body().as_ref();
    match media_type.as_deref() {
        _ if body.is_empty() => Ok(T::default()),
        Some(JSON) => parse_object(body),
        Some(FORM) => form(body, fields),
        _ => Err(Problem::invalid(
            "content-type",
            "must be application/json or application/x-www-form-urlencoded",
        )),
    }
}

/// The media type in lower case, without parameters. A character set must be UTF-8.
pub(crate) fn media_type(request: &Request) -> Result<Option<String>, Problem> {
    let invalid = || Problem::invalid("content-type", "must be one media type, in UTF-8");
    let mut values = request.headers().get_all(header::CONTENT_TYPE).iter();
    let (first, second) = (values.next(), values.next());
    let Some(value) = first else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| second.is_none()).ok_or_else(invalid)?.to_ascii_lowercase();
    let (media_type, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let is_other_charset = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or_default();
        name.trim() == "charset" && value.trim().trim_matches('"') != "utf-8"
    };
    if parameters.split(';').any(is_other_charset) {
        return Err(invalid());
    }
    Ok(Some(media_type.trim().to_owned()))
}

fn unsupported_media_type() -> Problem {
    Problem::new(Code::UnsupportedMediaType, "the body must be application/json").about("content-type")
}

/// Reads a form as the JSON object with the same members.
fn form<T: DeserializeOwned>(body: &[u8], fields: FormFields) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body)
        .ok()
        .filter(|_| is_text(body))
        .ok_or_else(|| Problem::invalid("body", "is not a form in UTF-8"))?;
    let mut members = BTreeMap::new();
    for (name, text) in pairs {
        let member = form_member(&name, text, fields)?;
        if members.insert(json!(name).to_string(), member).is_some() {
            return Err(Problem::invalid(name, "is given twice"));
        }
    }
    let members: Vec<String> =
        members.iter().filter_map(|(name, member)| Some(format!("{name}:{}", member.as_ref()?))).collect();
    parse_object(format!("{{{}}}", members.join(",")).as_bytes())
}

/// The JSON of one field; `None` for an optional field that is blank (F18).
fn form_member(name: &str, text: String, fields: FormFields) -> Result<Option<String>, Problem> {
    if fields.optional.contains(&name) && text.trim_matches(' ').is_empty() {
        return Ok(None);
    }
    let member = if fields.json.contains(&name) { text } else { json!(text).to_string() };
    if !is_json(member.as_bytes()) {
        return Err(Problem::invalid(name, "must hold JSON"));
    }
    Ok(Some(member))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;
    use model::Profile;

    fn request(media_type: Option<&str>, body: impl Into<Body>) -> Request {
        let mut builder = lambda_http::http::Request::builder();
        if let Some(media_type) = media_type {
            builder = builder.header("content-type", media_type);
        }
        builder.body(body.into()).unwrap()
    }

    const FIELDS: FormFields =
        FormFields { json: &["metadata"], optional: &["first_name", "last_name", "email", "metadata"] };

    fn field_of(media_type: &str, body: &str) -> Option<String> {
        let refused = form_or_json::<Profile>(&request(Some(media_type), body), FIELDS).unwrap_err();
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
            let profile: Profile = form_or_json(&request(Some(media_type), body), FIELDS).unwrap();
            assert_eq!(profile.first_name.unwrap().as_str(), "A", "{media_type}");
            assert_eq!(serde_json::to_value(profile.metadata).unwrap(), serde_json::json!({ "a": [1] }));
        }
        for media_type in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
            assert!(
                form_or_json::<Profile>(&request(media_type, ""), FormFields::default()).is_ok(),
                "{media_type:?}"
            );
        }
    }

    #[test]
    fn f18_a_blank_optional_form_field_counts_as_absent() {
        for form in
            ["first_name=&email=+&metadata=&last_name=B", "first_name=%20%20&last_name=B", "last_name=B"]
        {
            let profile: Profile = form_or_json(&request(Some(FORM), form), FIELDS).unwrap();
            assert_eq!(profile.last_name.unwrap().as_str(), "B", "{form}");
            assert!(profile.first_name.is_none() && profile.email.is_none(), "{form}");
            assert!(profile.metadata.is_none(), "{form}");
        }
        for (form, field) in
            [("nick=", "nick"), ("email=&email=a%40b.co", "email"), ("first_name=%09", "first_name")]
        {
            assert_eq!(field_of(FORM, form).as_deref(), Some(field), "{form}");
        }
        assert_eq!(field_of(JSON, r#"{"first_name":""}"#).as_deref(), Some("first_name"));
    }

    #[test]
    fn k7_json_is_read_from_any_client() {
        let read = |media_type| {
            json_of_any_client::<Profile>(&request(media_type, r#"{"first_name":"A"}"#))
                .map_err(|it| it.code())
        };
        for media_type in [None, Some(JSON), Some(FORM), Some("text/plain"), Some("Text/Plain;charset=UTF-8")]
        {
            assert!(read(media_type).is_ok(), "{media_type:?}");
        }
        assert_eq!(read(Some("application/xml")).unwrap_err(), Code::UnsupportedMediaType);
        assert_eq!(read(Some("text/plain; charset=latin1")).unwrap_err(), Code::InvalidRequest);
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
    fn a5_a_refusal_quotes_the_request_only_up_to_a_length() {
        let long = "x".repeat(50_000);
        for body in [format!(r#"{{"{long}":1}}"#), format!(r#"{{"email":"a","metadata":"{long}"}}"#)] {
            let refused =
                form_or_json::<Profile>(&request(Some("application/json"), body), FormFields::default())
                    .unwrap_err();
            let lengths = (refused.field().unwrap().len(), refused.detail().len());
            assert!(lengths.0 <= 100 && lengths.1 <= 500, "{lengths:?}");
        }
    }

    #[test]
    fn deep_json_and_other_encodings_are_refused() {
        let deep = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(200), "}".repeat(200));
        assert!(field_of("application/json", &deep).is_some());
        let latin = request(Some("application/json"), Body::Binary(b"{\"first_name\":\"\xe9\"}".to_vec()));
        assert!(form_or_json::<Profile>(&latin, FormFields::default()).is_err());
        let latin =
            request(Some("application/x-www-form-urlencoded"), Body::Binary(b"first_name=\xe9".to_vec()));
        assert!(form_or_json::<Profile>(&latin, FormFields::default()).is_err());
    }
}
