//! Requests to windows F, K and V.

use model::{KeyFile, Timestamp};
use serde_json::json;
use tokenbooth::Demo;

use crate::events::Message;

/// A signed request for an anonymous user's token (F9–F12).
pub(crate) fn secure_anonymous(demo: &Demo, now: Timestamp) -> Message {
    let (account, provider) = (demo.account_id, demo.secure_anonymous.provider_id);
    let body = json!({
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.com",
        "metadata": { "plan": "trial", "seats": 3, "referrer": "https://example.com/pricing" },
    });
    Message::post("/v1/accounts/{entity_id}/secure-anonymous/{provider_id}/tokens", body.to_string())
        .with_parameters([("entity_id", account.to_string()), ("provider_id", provider.to_string())])
        .with_headers(proof(&demo.api_key, now))
}

/// The holder of that token reads its assertions (F15).
pub(crate) fn assertions(token: &str) -> Message {
    Message::get("/v1/me/assertions").with_headers([("authorization", format!("Bearer {token}"))])
}

/// The headers of a request that `key` signs (F10).
fn proof(key: &KeyFile, now: Timestamp) -> [(&'static str, String); 3] {
    let (timestamp, client_id) = (now.as_second().to_string(), key.app_client_id.to_string());
    let secret = crypto::Secret::from(key.app_client_secret.clone());
    let signature = crypto::sign_request(&secret, &timestamp, &client_id);
    [("x-frame-clientid", client_id), ("x-frame-timestamp", timestamp), ("x-frame-signature", signature)]
}

/// The header of a request with this bearer token (RFC 6750, 2.1).
pub(crate) fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

/// Exchanges an API key for an access token (K2).
pub(crate) fn access_token(key: &KeyFile) -> Message {
    Message::post("/v1/token", json!({ "apiKey": key.encoded_key }).to_string())
}

/// A partner's request for a token of a device (V1).
pub(crate) fn anonymous_token(demo: &Demo, device: &str) -> Message {
    let query = format!("site={}&platform=web_browser&deviceId={device}", demo.partner.site);
    Message::post("/identity/anonymous-token", String::new())
        .with_query(query)
        .with_headers([("x-api-key", demo.partner.api_key.clone())])
}
