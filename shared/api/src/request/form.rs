//! Reads the forms of OAuth requests (RFC 6749, 3.2).

use std::collections::BTreeMap;

use crypto::Secret;
use lambda_http::Request;

use crate::problem::{Code, Problem};
use crate::request::body::media_type;
use crate::request::query::is_text;

/// The parameters of a form. Each may occur once, and an empty one counts as absent. Any of them may be a secret.
#[derive(Debug)]
pub struct Form(BTreeMap<String, Secret>);

impl Form {
    /// Reads the form in the body.
    ///
    /// # Errors
    /// [`Code::UnsupportedMediaType`], or [`Code::InvalidRequest`] if the body is not a form or a parameter occurs twice.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        Self::read_with(request, |_| Code::InvalidRequest)
    }

    /// The same for a token request. It may name several targets (RFC 8707, 2; RFC 8693, 2.1), but here a token has one.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`Code::InvalidTarget`] if `resource` or `audience` occurs twice.
    pub fn read_token_request(request: &Request) -> Result<Self, Problem> {
        Self::read_with(request, |name| match name {
            "resource" | "audience" => Code::InvalidTarget,
            _ => Code::InvalidRequest,
        })
    }

    /// Reads the form. `repeated` is the code for a parameter that occurs twice.
    fn read_with(request: &Request, repeated: impl Fn(&str) -> Code) -> Result<Self, Problem> {
        if media_type(request)?.as_deref() != Some("application/x-www-form-urlencoded") {
            let detail = "the body must be application/x-www-form-urlencoded";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let body = request.body().as_ref();
        let pairs: Option<Vec<(String, String)>> =
            serde_urlencoded::from_bytes(body).ok().filter(|_| is_text(body));
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs.ok_or_else(|| Problem::invalid("body", "is not a form in UTF-8"))? {
            let code = repeated(&name);
            if parameters.insert(name, Secret::from(value)).is_some() {
                return Err(Problem::new(code, "a parameter is given twice"));
            }
        }
        Ok(Self(parameters))
    }

    /// The value of the parameter; `None` if it is absent or empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::reveal).filter(|value| !value.is_empty())
    }

    /// The value of a required parameter.
    ///
    /// # Errors
    /// [`Code::InvalidRequest`].
    pub fn required(&self, name: &'static str) -> Result<&str, Problem> {
        self.value(name).ok_or_else(|| Problem::invalid(name, "is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn read(media_type: &str, body: impl Into<Body>) -> Result<Form, Problem> {
        let request = lambda_http::http::Request::builder().header("content-type", media_type);
        Form::read(&request.body(body.into()).unwrap())
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn a2_a_parameter_is_given_once_and_an_empty_one_is_absent() {
        let form = read(FORM, "token=a%2Bb+c&scope=&odd").unwrap();
        assert_eq!(form.value("token"), Some("a+b c"));
        for name in ["scope", "odd", "other"] {
            assert_eq!(form.value(name), None, "{name}");
        }
        assert_eq!(form.required("scope").unwrap_err().field(), Some("scope"));
        for twice in ["a=1&a=1", "a=&a=1", "a&a", "%61=1&a=2"] {
            assert_eq!(read(FORM, twice).unwrap_err().code(), Code::InvalidRequest, "{twice}");
        }
    }

    #[test]
    fn a7_a_token_request_with_two_targets_is_an_invalid_target() {
        let request = |body: &str| {
            let request = lambda_http::http::Request::builder().header("content-type", FORM);
            request.body(Body::from(body)).unwrap()
        };
        for (body, code) in [
            ("resource=a&resource=b", Code::InvalidTarget),
            ("audience=a&audience=a", Code::InvalidTarget),
            ("scope=a&scope=b", Code::InvalidRequest),
        ] {
            assert_eq!(Form::read_token_request(&request(body)).unwrap_err().code(), code, "{body}");
            assert_eq!(Form::read(&request(body)).unwrap_err().code(), Code::InvalidRequest, "{body}");
        }
    }

    #[test]
    fn a2_only_forms_are_read_and_debug_output_has_no_value() {
        assert_eq!(read("application/json", "{}").unwrap_err().code(), Code::UnsupportedMediaType);
        assert_eq!(read(FORM, vec![0xff, b'=']).unwrap_err().code(), Code::InvalidRequest);
        assert_eq!(read(FORM, "token=%ff").unwrap_err().field(), Some("body"));
        assert!(read(&format!("{FORM}; charset=UTF-8"), "").is_ok());
        let form = read(FORM, "client_secret=tbcs_x").unwrap();
        assert!(!format!("{form:?}").contains("tbcs_x"));
    }
}
