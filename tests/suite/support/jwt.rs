//! JSON Web Tokens, signed and decoded here and not by the code under test.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// An HS256 token with this header and these claims (RFC 7515). The header is not checked.
pub(crate) fn sign_hs256(header: &Value, claims: &Value, secret: &str) -> String {
    sign_text_hs256(&header.to_string(), claims, secret)
}

/// An HS256 token whose header is this text.
pub(crate) fn sign_text_hs256(header: &str, claims: &Value, secret: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let signed = format!("{}.{}", part(header), part(&claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

/// The header of a token. The signature is not verified.
pub(crate) fn header(token: &str) -> Value {
    decode_part(token, 0)
}

/// The claims of a token. The signature is not verified.
pub(crate) fn claims(token: &str) -> Value {
    decode_part(token, 1)
}

fn decode_part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    let json = BASE64URL_NOPAD.decode(part.as_bytes()).expect("Base64url");
    serde_json::from_slice(&json).expect("JSON")
}

/// The token with another `jti` and the old signature.
pub(crate) fn tampered(token: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut changed_claims = claims(token);
    changed_claims["jti"] = json!("other");
    let changed_part = BASE64URL_NOPAD.encode(changed_claims.to_string().as_bytes());
    parts[1] = &changed_part;
    parts.join(".")
}
