//! One HTTP request and its response.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use sha2::Sha256;
use tokio::task::JoinSet;

use crate::support::access_tokens::TokenSource;
use crate::support::tenant::Key;

/// A request that is being built.
pub(crate) struct Call {
    request: RequestBuilder,
    tokens: TokenSource,
    key: Option<Key>,
}

impl Call {
    pub(crate) fn new(client: &reqwest::Client, method: Method, booth: &str, path: &str) -> Self {
        let request = client.request(method, format!("{booth}{path}"));
        Self { request, tokens: TokenSource::new(client, booth), key: None }
    }

    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { request: change(self.request), ..self }
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        self.with(|request| request.header(name, value))
    }

    pub(crate) fn headers(self, headers: &[(&str, String)]) -> Self {
        headers.iter().fold(self, |call, (name, value)| call.header(name, value))
    }

    /// Adds the signature headers with the current time (F10).
    pub(crate) fn signed(self, key: &Key) -> Self {
        self.signed_at(key, now())
    }

    /// Adds the signature headers with this Unix timestamp (F10).
    pub(crate) fn signed_at(self, key: &Key, timestamp: i64) -> Self {
        self.headers(&signature_headers(key, timestamp))
    }

    /// Adds an access token of this key (K5), which `send` gets or takes from an earlier call. This is how tests administer.
    pub(crate) fn with_token_of(self, key: &Key) -> Self {
        Self { key: Some(key.clone()), ..self }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.with(|request| request.json(body))
    }

    pub(crate) fn body(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.with(|request| request.header("content-type", media_type).body(body))
    }

    pub(crate) fn body_without_media_type(self, body: impl Into<reqwest::Body>) -> Self {
        self.with(|request| request.body(body))
    }

    pub(crate) async fn send(self) -> Answer {
        let Self { request, tokens, key } = self;
        let Some(key) = key else { return Answer::of(request).await };
        let first = request.try_clone().expect("a body that can be sent again");
        let token = tokens.of(&key).await;
        let answer = Answer::of(first.bearer_auth(token.text())).await;
        if !token.is_outdated_in(&answer) {
            return answer;
        }
        Answer::of(request.bearer_auth(tokens.renew(&key).await.text())).await
    }
}

/// The response to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    /// Sends the request.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("a response");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a text");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Self { status, headers, text, json };
        answer.append_secrets_to_file();
        answer
    }

    /// Asserts the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Asserts a problem (RFC 9457) with this status and code.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json["status"], status);
        assert_eq!(answer.json["code"], code, "{}", answer.text);
        assert_eq!(answer.json["type"], format!("urn:tokenbooth:problem:{code}"));
        answer
    }

    /// Asserts a 400 that names this field.
    #[track_caller]
    pub(crate) fn expect_invalid(self, field: &str) -> Self {
        let answer = self.expect_problem(400, "invalid_request");
        assert_eq!(answer.json["field"], field, "{}", answer.text);
        answer
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// A string member of the JSON body.
    #[track_caller]
    pub(crate) fn text_at(&self, name: &str) -> String {
        self.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }

    /// This member of each item of a page.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        let items = self.json["items"].as_array().expect("items");
        items.iter().map(|item| item[name].as_str().expect("an id").to_owned()).collect()
    }

    /// The key in the response to a created or rotated API key.
    pub(crate) fn key_file(&self) -> Key {
        serde_json::from_value(self.json["key_file"].clone()).expect("a key file")
    }

    /// Appends the secrets in this response to the file that `TOKENBOOTH_SECRETS` names. A later search must not find
    /// them in the booth's table, data files or log.
    fn append_secrets_to_file(&self) {
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

/// The three headers of a signed request (F10).
pub(crate) fn signature_headers(key: &Key, timestamp: i64) -> [(&'static str, String); 3] {
    let decimal = timestamp.to_string();
    let signature = sign(&key.secret, &decimal, &key.id);
    [("X-Frame-ClientId", key.id.clone()), ("X-Frame-Timestamp", decimal), ("X-Frame-Signature", signature)]
}

/// Sends `times` requests at once and returns the responses. `send` gets the number of each request.
pub(crate) async fn send_concurrently<F>(times: usize, send: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    (0..times).map(send).collect::<JoinSet<Answer>>().join_all().await
}

/// The signature of F10, computed here and not by the code under test.
pub(crate) fn sign(secret: &str, timestamp: &str, client_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(timestamp.as_bytes());
    mac.update(client_id.as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// The current Unix time in seconds.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("a time within bounds")
}
