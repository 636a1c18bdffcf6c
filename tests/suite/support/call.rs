//! One HTTP call and its answer.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use sha2::Sha256;

use crate::support::tenant::Key;

/// A call being put together.
pub(crate) struct Call(RequestBuilder);

impl Call {
    pub(crate) fn new(client: &reqwest::Client, method: Method, url: String) -> Self {
        Self(client.request(method, url))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Signed now (F10).
    pub(crate) fn signed(self, key: &Key) -> Self {
        self.signed_at(key, now())
    }

    /// Signed at that Unix second.
    pub(crate) fn signed_at(self, key: &Key, at: i64) -> Self {
        let timestamp = at.to_string();
        let signature = sign(&key.secret, &timestamp, &key.id);
        self.header("X-Frame-ClientId", &key.id)
            .header("X-Frame-Timestamp", &timestamp)
            .header("X-Frame-Signature", &signature)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub(crate) fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", media_type).body(body))
    }

    /// A body without a media type.
    pub(crate) fn untyped(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    pub(crate) async fn send(self) -> Answer {
        let response = self.0.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a text");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { status, headers, text, json };
        answer.note_secrets();
        answer
    }
}

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    /// The same, if it has that status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The same, if it is a problem (RFC 9457) of that status and code.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json["status"], status);
        assert_eq!(answer.json["code"], code, "{}", answer.text);
        assert_eq!(answer.json["type"], format!("urn:tokenbooth:problem:{code}"));
        answer
    }

    /// The same, if it is a 400 that names that field.
    #[track_caller]
    pub(crate) fn expect_invalid(self, field: &str) -> Self {
        let answer = self.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{}", answer.text);
        answer
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// A text in the body.
    #[track_caller]
    pub(crate) fn text_at(&self, name: &str) -> String {
        self.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }

    /// The ids of a page.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        let items = self.json["items"].as_array().expect("items");
        items.iter().map(|item| item[name].as_str().expect("an id").to_owned()).collect()
    }

    /// Adds the secrets in this answer to the file `TOKENBOOTH_SECRETS` names, so that whoever started the suite can
    /// look for them where they must not be.
    fn note_secrets(&self) {
        let Ok(path) = std::env::var("TOKENBOOTH_SECRETS") else { return };
        let found = [
            &self.json,
            &self.json["token"],
            &self.json["access_token"],
            &self.json["client_secret"],
            &self.json["api_secret"],
            &self.json["secret"],
            &self.json["key_file"]["encodedKey"],
            &self.json["appClientSecret"],
            &self.json["encodedKey"],
            &self.json["authorizationToken"],
            &self.json["api_key"],
            &self.json["key"],
            &self.json["encrypted"],
        ];
        let sets = self.json["token_sets"].as_array().into_iter().flatten();
        let of_sets = sets.flat_map(|set| {
            std::iter::once(&set["key"]).chain(set["app_keys"].as_array().into_iter().flatten())
        });
        let lines: String = found
            .into_iter()
            .chain(of_sets)
            .filter_map(|it| it.as_str())
            .map(|it| format!("{it}\n"))
            .collect();
        let mut file = std::fs::File::options().create(true).append(true).open(path).expect("a file");
        file.write_all(lines.as_bytes()).expect("written");
    }
}

/// The signature of F10, computed here and not by the code under test.
pub(crate) fn sign(secret: &str, timestamp: &str, client_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(timestamp.as_bytes());
    mac.update(client_id.as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// Unix seconds now.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("not that late")
}
