//! Calls to the OAuth endpoints (A2).

use data_encoding::BASE64;
use serde_json::json;

use crate::support::call::{Answer, Call};
use crate::support::tenant::Key;
use crate::support::world::World;

pub(crate) const TOKEN: &str = "/oauth2/token";
pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const REVOKE: &str = "/oauth2/revoke";

/// The media type of every request to these endpoints.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

impl Call {
    /// Adds HTTP Basic authentication with these client credentials (RFC 6749, 2.3.1).
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        self.header("Authorization", &format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes())))
    }

    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        self.body(FORM, serde_urlencoded::to_string(parameters).expect("a form"))
    }
}

impl World {
    /// Sends a form with the client's credentials in the header.
    pub(crate) async fn post_form(&self, path: &str, key: &Key, parameters: &[(&str, &str)]) -> Answer {
        self.post(path).basic(&key.id, &key.secret).form(parameters).send().await
    }

    /// A new access token of a client with this scope.
    pub(crate) async fn client_token(&self, key: &Key, scope: &str) -> String {
        let parameters = [("grant_type", "client_credentials"), ("scope", scope)];
        self.post_form(TOKEN, key, &parameters).await.expect(200).text_at("access_token")
    }

    /// The introspection response about `token` for `key`.
    pub(crate) async fn introspect(&self, key: &Key, token: &str) -> Answer {
        self.post_form(INTROSPECT, key, &[("token", token)]).await.expect(200)
    }

    pub(crate) async fn revoke(&self, key: &Key, token: &str) -> Answer {
        self.post_form(REVOKE, key, &[("token", token)]).await
    }

    /// Introspects until the token is inactive, for the published bound at most.
    pub(crate) async fn wait_until_inactive(&self, key: &Key, token: &str) {
        let introspect = async || self.introspect(key, token).await;
        let answer = self.retry_until(|answer| !answer.is_active(), introspect).await;
        assert!(!answer.is_active(), "the token is still active: {}", answer.text);
    }

    /// A new token of the demo provider.
    pub(crate) async fn anonymous_token(&self) -> String {
        let answer = self.request_token(&self.demo_tokens(), &self.demo.api_key).await.expect(200);
        answer.json.as_str().expect("a token").to_owned()
    }
}

impl Answer {
    /// Asserts an error response with exactly the members of RFC 6749, 5.2.
    #[track_caller]
    pub(crate) fn expect_oauth_error(self, status: u16, error: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json["error"], error, "{}", answer.text);
        assert_eq!(answer.json.as_object().expect("an object").len(), 2, "{}", answer.text);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let description = answer.text_at("error_description");
        let allowed = |it: u8| matches!(it, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(!description.is_empty() && description.bytes().all(allowed), "{description}");
        answer
    }

    /// Whether an introspected token is active. Asserts that an inactive one has no other member.
    #[track_caller]
    pub(crate) fn is_active(&self) -> bool {
        let active = self.json["active"] == json!(true);
        assert!(active || self.json == json!({ "active": false }), "{}", self.text);
        active
    }
}
