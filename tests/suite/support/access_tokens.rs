//! Access tokens (K2) for the requests of administrators. All tests of a booth share the token of a key.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::json;
use tokio::sync::Mutex;

use crate::support::call::Answer;
use crate::support::jwt;
use crate::support::tenant::Key;

/// A token, and the Unix seconds from which and before which it is valid.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    text: String,
    iat: i64,
    exp: i64,
}

/// Where a request gets its token from: `/v1/token` of its booth.
pub(crate) struct TokenSource {
    client: reqwest::Client,
    booth: String,
}

/// The token of a key. The lock is held while the token is requested, so that concurrent requests wait for one token.
type Slot = Arc<Mutex<Option<AccessToken>>>;

/// The tokens by booth and client id.
static TOKENS: LazyLock<Mutex<HashMap<(String, String), Slot>>> = LazyLock::new(Mutex::default);

impl AccessToken {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the answer refuses this token, and the booth's clock is outside the token's time. The clock may be a test's.
    pub(crate) fn is_outdated_in(&self, answer: &Answer) -> bool {
        let server_time = answer.json["server_time"].as_i64();
        answer.status == 401 && server_time.is_some_and(|now| now < self.iat || now >= self.exp)
    }
}

impl TokenSource {
    pub(crate) fn new(client: &reqwest::Client, booth: &str) -> Self {
        Self { client: client.clone(), booth: booth.to_owned() }
    }

    /// The token of the key.
    pub(crate) async fn of(&self, key: &Key) -> AccessToken {
        let slot = self.slot(key).await;
        let mut token = slot.lock().await;
        if token.is_none() {
            *token = Some(self.redeem(key).await);
        }
        token.clone().expect("a token")
    }

    /// A new token of the key.
    pub(crate) async fn renew(&self, key: &Key) -> AccessToken {
        let slot = self.slot(key).await;
        let mut token = slot.lock().await;
        token.insert(self.redeem(key).await).clone()
    }

    async fn slot(&self, key: &Key) -> Slot {
        TOKENS.lock().await.entry((self.booth.clone(), key.id.clone())).or_default().clone()
    }

    async fn redeem(&self, key: &Key) -> AccessToken {
        let request = self.client.post(format!("{}/v1/token", self.booth));
        let answer = Answer::of(request.json(&json!({ "apiKey": key.encoded }))).await.expect(200);
        let text = answer.text_at("token");
        let claims = jwt::claims(&text);
        let second = |name: &str| claims[name].as_i64().expect("Unix seconds");
        AccessToken { iat: second("iat"), exp: second("exp"), text }
    }
}
