//! What is sent in each measured call, from the demo tenant.

use api::RateLimits;
use model::Timestamp;
use serde_json::{Value, json};
use tokenbooth::{Demo, KeyFile};

use crate::Outcome;
use crate::calls::Call;
use crate::events::Message;
use crate::function::Function;
use crate::ground::Ground;

/// Makes the messages of one ground, each with a token of its own where it carries one.
pub(crate) struct Messages<'a> {
    ground: &'a Ground,
    f: Function,
    k: Function,
    v: Function,
}

impl<'a> Messages<'a> {
    /// Boots what issues the tokens that are asked about.
    pub(crate) async fn open(ground: &'a Ground) -> Outcome<Self> {
        let start = ground.start(ground.dynamodb(), RateLimits::Off);
        Ok(Self {
            ground,
            f: Call::SecureAnonymous.boot(&start).await?,
            k: Call::AccessToken.boot(&start).await?,
            v: Call::AnonymousToken.boot(&start).await?,
        })
    }

    /// One for `call`, as of now.
    pub(crate) async fn message(&self, call: Call) -> Outcome<Message> {
        let (demo, now) = (self.ground.demo(), self.ground.dial.now());
        Ok(match call {
            Call::SecureAnonymous => secure_anonymous(demo, now),
            Call::AccessToken => access_token(&demo.api_key),
            Call::AnonymousToken => anonymous_token(demo),
            Call::ClientToken => client_token(&demo.api_key),
            Call::IntrospectF => self.about("/oauth2/introspect", Call::SecureAnonymous).await?,
            Call::IntrospectK => self.about("/oauth2/introspect", Call::AccessToken).await?,
            Call::IntrospectV => self.about("/oauth2/introspect", Call::AnonymousToken).await?,
            Call::Revoke => self.about("/oauth2/revoke", Call::AccessToken).await?,
            Call::Jwks => {
                let route = "/.well-known/jwks.json";
                Message { method: "GET", ..Message::post(route, String::new()) }
            }
        })
    }

    /// The length of what is signed in the token that `call` makes or asks about.
    pub(crate) async fn signed_length(&self, call: Call) -> Outcome<usize> {
        let token = match call {
            Call::SecureAnonymous | Call::IntrospectF => self.token(Call::SecureAnonymous).await?,
            Call::AnonymousToken | Call::IntrospectV => self.token(Call::AnonymousToken).await?,
            _ => self.token(Call::AccessToken).await?,
        };
        Ok(token.rsplit_once('.').ok_or("a token without a signature")?.0.len())
    }

    async fn about(&self, route: &'static str, issuing: Call) -> Outcome<Message> {
        let body = format!("token={}", self.token(issuing).await?);
        Ok(form(route, &self.ground.demo().api_key, body))
    }

    /// A new token.
    async fn token(&self, issuing: Call) -> Outcome<String> {
        let (demo, now) = (self.ground.demo(), self.ground.dial.now());
        let (function, message, pointer) = match issuing {
            Call::SecureAnonymous => (&self.f, secure_anonymous(demo, now), ""),
            Call::AnonymousToken => (&self.v, anonymous_token(demo), "/authorizationToken"),
            _ => (&self.k, access_token(&demo.api_key), "/token"),
        };
        let answer: Value = serde_json::from_str(&function.handle(&message.request(now)?).await?)?;
        Ok(answer.pointer(pointer).and_then(Value::as_str).ok_or("an answer without a token")?.to_owned())
    }
}

/// A signed request for an anonymous user's token (F9–F12).
fn secure_anonymous(demo: &Demo, now: Timestamp) -> Message {
    let (account, provider) = (demo.account_id, demo.secure_anonymous.provider_id);
    let (key, timestamp) = (&demo.api_key, now.as_second().to_string());
    let client_id = key.app_client_id.to_string();
    let secret = crypto::Secret::from(key.app_client_secret.clone());
    let signature = crypto::sign_request(&secret, &timestamp, &client_id);
    let body = json!({
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
        "metadata": { "plan": "trial", "seats": 3, "referrer": "https://example.com/pricing" },
    });
    let parameters = [("entity_id".to_owned(), json!(account)), ("provider_id".to_owned(), json!(provider))];
    let route = "/v1/accounts/{entity_id}/secure-anonymous/{provider_id}/tokens";
    Message {
        path: format!("/v1/accounts/{account}/secure-anonymous/{provider}/tokens"),
        parameters: parameters.into_iter().collect(),
        headers: vec![
            ("x-frame-clientid", client_id),
            ("x-frame-timestamp", timestamp),
            ("x-frame-signature", signature),
        ],
        ..Message::post(route, body.to_string())
    }
}

/// An API key presented for an access token (K2).
fn access_token(key: &KeyFile) -> Message {
    Message::post("/v1/token", json!({ "apiKey": key.encoded_key }).to_string())
}

/// A partner's request for a device's token (V1).
fn anonymous_token(demo: &Demo) -> Message {
    let device = "browser-3f1c0a52-6b1d-4f6e-9a35-1c2d3e4f5a6b";
    Message {
        query: format!("site={}&platform=web_browser&deviceId={device}", demo.partner.site),
        headers: vec![("x-api-key", demo.partner.api_key.clone())],
        ..Message::post("/identity/anonymous-token", String::new())
    }
}

/// A client's request for an access token (A2).
fn client_token(key: &KeyFile) -> Message {
    form("/oauth2/token", key, "grant_type=client_credentials".to_owned())
}

/// A form from the client that `key` is of.
fn form(route: &'static str, key: &KeyFile, body: String) -> Message {
    let headers = vec![
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("authorization", format!("Basic {}", key.encoded_key)),
    ];
    Message { headers, ..Message::post(route, body) }
}
