//! Requests to the OAuth endpoints, with an API key.

use model::KeyFile;

use crate::events::Message;

/// A client's request for an access token (A2).
pub(crate) fn token(key: &KeyFile) -> Message {
    form("/oauth2/token", key, "grant_type=client_credentials".to_owned())
}

/// A client's request to introspect or revoke a token (A2).
pub(crate) fn with_token(route: &'static str, key: &KeyFile, token: &str) -> Message {
    form(route, key, format!("token={token}"))
}

fn form(route: &'static str, key: &KeyFile, body: String) -> Message {
    Message::post(route, body).with_headers([
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("authorization", format!("Basic {}", key.encoded_key)),
    ])
}
