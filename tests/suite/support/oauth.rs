//! Calls to the OAuth endpoints (A2).

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::call::{Answer, Call};
use crate::support::tenant::Key;
use crate::support::world::World;

pub(crate) const TOKEN: &str = "/oauth2/token";
pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const REVOKE: &str = "/oauth2/revoke";

/// The media type of every request.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

impl Call {
    /// The client's credentials in the header (RFC 6749, 2.3.1).
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        self.header("Authorization", &format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes())))
    }

    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        self.body(FORM, serde_urlencoded::to_string(parameters).expect("a form"))
    }
}

impl World {
    /// A form sent by a client.
    pub(crate) async fn ask(&self, path: &str, key: &Key, parameters: &[(&str, &str)]) -> Answer {
        self.post(path).basic(&key.id, &key.secret).form(parameters).send().await
    }

    /// A client's access token with that scope.
    pub(crate) async fn client_token(&self, key: &Key, scope: &str) -> String {
        let parameters = [("grant_type", "client_credentials"), ("scope", scope)];
        self.ask(TOKEN, key, &parameters).await.expect(200).text_at("access_token")
    }

    /// What `key` is told of `token`.
    pub(crate) async fn introspect(&self, key: &Key, token: &str) -> Answer {
        self.ask(INTROSPECT, key, &[("token", token)]).await.expect(200)
    }

    pub(crate) async fn revoke(&self, key: &Key, token: &str) -> Answer {
        self.ask(REVOKE, key, &[("token", token)]).await
    }

    /// A token of the demo provider.
    pub(crate) async fn anonymous_token(&self) -> String {
        let answer = self.token(&self.demo_tokens(), &self.demo.api_key).await.expect(200);
        answer.json.as_str().expect("a token").to_owned()
    }
}

impl Answer {
    /// The same, if it is an error of RFC 6749, 5.2.
    #[track_caller]
    pub(crate) fn expect_oauth_error(self, status: u16, error: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json["error"], error, "{}", answer.text);
        assert_eq!(answer.json.as_object().expect("an object").len(), 2, "{}", answer.text);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let said = answer.text_at("error_description");
        let allowed = |it: u8| matches!(it, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(!said.is_empty() && said.bytes().all(allowed), "{said}");
        answer
    }

    /// Whether an introspected token counts. If not, that is all that is said.
    #[track_caller]
    pub(crate) fn is_active(&self) -> bool {
        let active = self.json["active"] == json!(true);
        assert!(active || self.json == json!({ "active": false }), "{}", self.text);
        active
    }
}

/// Claims of a token, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    let json = data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).expect("Base64url");
    serde_json::from_slice(&json).expect("JSON")
}

/// `token` with other claims under the old signature.
pub(crate) fn tampered(token: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut changed = claims(token);
    changed["jti"] = json!("other");
    let changed = data_encoding::BASE64URL_NOPAD.encode(changed.to_string().as_bytes());
    parts[1] = &changed;
    parts.join(".")
}
