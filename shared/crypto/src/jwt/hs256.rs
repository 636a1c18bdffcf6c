//! Tokens signed with a shared secret: HS256 (RFC 7515, RFC 7518, 3.2), windows V (V5) and S (S4).

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::jwt::public_keys::LONGEST;
use crate::{CryptoError, Secret, SignatureError};

/// What of a JWS header is looked at. Everything else a stranger put there is skipped, but `crit`, which says that it
/// must not be (RFC 7515, 4.1.11).
#[derive(Debug, Clone, Deserialize)]
pub struct UnverifiedHeader {
    /// The algorithm it claims.
    pub alg: String,
    /// The kind of token it claims to be.
    pub typ: Option<String>,
    /// The key it claims.
    pub kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl UnverifiedHeader {
    /// The header of `token`, unverified: good for choosing what to verify it with, and for nothing else. `None` if it
    /// is no JWS in compact form or longer than any of ours.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let header = token.split('.').next().filter(|_| token.len() <= LONGEST)?;
        object(header).filter(|header: &Self| header.crit.is_none())
    }
}

/// The compact JWS of `claims` under `secret` as UTF-8 bytes, with exactly the header of V5; with `kid`, if there is
/// one, to tell whose secret it is.
///
/// # Errors
/// [`CryptoError::Claims`].
pub fn sign_hs256(
    secret: &Secret,
    kid: Option<&str>,
    claims: &impl Serialize,
) -> Result<String, CryptoError> {
    #[derive(Serialize)]
    struct Written<'a> {
        alg: &'a str,
        typ: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
    }
    let header = Written { alg: "HS256", typ: "JWT", kid };
    let header = serde_json::to_vec(&header).map_err(|_| CryptoError::Claims)?;
    let claims = serde_json::to_vec(claims).map_err(|_| CryptoError::Claims)?;
    let mut token = BASE64URL_NOPAD.encode(&header);
    token.push('.');
    BASE64URL_NOPAD.encode_append(&claims, &mut token);
    let signature = mac(secret, &token).finalize().into_bytes();
    token.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut token);
    Ok(token)
}

/// The claims of `token` if one of `secrets` signed it with HS256: `none`, RS256 and every other algorithm are refused
/// (S4). Signatures are compared in constant time; the claims' times are the caller's to judge.
///
/// # Errors
/// [`SignatureError`].
pub fn verify_hs256<'s, C: DeserializeOwned>(
    token: &str,
    secrets: impl IntoIterator<Item = &'s Secret>,
) -> Result<C, SignatureError> {
    let header = UnverifiedHeader::parse(token).ok_or(SignatureError::Malformed)?;
    let typ = header.typ.as_deref().unwrap_or("JWT");
    if header.alg != "HS256" || !typ.eq_ignore_ascii_case("JWT") {
        return Err(SignatureError::UnknownKey);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(SignatureError::Malformed)?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| SignatureError::Malformed)?;
    let by = |secret: &&Secret| mac(secret, signed).verify_slice(&signature).is_ok();
    secrets.into_iter().find(by).ok_or(SignatureError::Invalid)?;
    dangerous_claims(token).ok_or(SignatureError::Invalid)
}

/// The claims of `token` as whoever made it wrote them, unverified: good for choosing what to verify it with, and for
/// nothing else.
#[must_use]
pub fn dangerous_claims<C: DeserializeOwned>(token: &str) -> Option<C> {
    let mut parts = token.split('.').skip(1);
    let (claims, _, nothing) = (parts.next()?, parts.next()?, parts.next());
    object(claims).filter(|_| nothing.is_none() && token.len() <= LONGEST)
}

/// A part of a token, which holds a JSON object: a struct would be read from an array as well.
fn object<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&json).ok().filter(|_| json.trim_ascii_start().starts_with(b"{"))
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &Secret, message: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    fn signed(header: &Value, claims: &Value, by: &str) -> String {
        let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = BASE64URL_NOPAD.encode(&mac(&secret(by), &message).finalize().into_bytes());
        format!("{message}.{signature}")
    }

    fn verify(token: &str, by: &[&str]) -> Result<Value, SignatureError> {
        let secrets: Vec<_> = by.iter().map(|text| secret(text)).collect();
        verify_hs256(token, &secrets)
    }

    #[test]
    fn v5_a_token_has_exactly_that_header_and_verifies() {
        let token = sign_hs256(&secret("s"), None, &json!({ "user": "u" })).unwrap();
        let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
        assert_eq!(verify(&token, &["s"]).unwrap(), json!({ "user": "u" }));
        assert_eq!(verify(&token, &["old", "s"]).unwrap(), json!({ "user": "u" }));
        assert_eq!(verify(&token, &["x"]), Err(SignatureError::Invalid));
        assert_eq!(verify(&token, &[]), Err(SignatureError::Invalid));
    }

    #[test]
    fn s4_only_hs256_signs() {
        let claims = json!({ "user": "u" });
        for (case, header, good) in [
            ("bare", json!({ "alg": "HS256" }), true),
            ("small type", json!({ "alg": "HS256", "typ": "jwt" }), true),
            ("more", json!({ "alg": "HS256", "kid": "k", "x": [[{}]] }), true),
            ("none", json!({ "alg": "none" }), false),
            ("rs256", json!({ "alg": "RS256", "typ": "JWT" }), false),
            ("hs512", json!({ "alg": "HS512", "typ": "JWT" }), false),
            ("small", json!({ "alg": "hs256", "typ": "JWT" }), false),
            ("type", json!({ "alg": "HS256", "typ": "at+jwt" }), false),
            ("crit", json!({ "alg": "HS256", "crit": ["b64"], "b64": false }), false),
            ("array", json!(["HS256", "JWT", null, null]), false),
        ] {
            assert_eq!(verify(&signed(&header, &claims, "s"), &["s"]).is_ok(), good, "{case}");
        }
    }

    #[test]
    fn s4_a_changed_token_is_refused() {
        let token = sign_hs256(&secret("s"), None, &json!({ "user": "u" })).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = sign_hs256(&secret("s"), None, &json!({ "user": "v" })).unwrap();
        let others = other.rsplit_once('.').unwrap().0;
        for bad in [
            format!("{others}.{signature}"),
            format!("{signed}."),
            format!("{token}."),
            format!("{token}.x"),
            format!("{token}A"),
            signed.to_owned(),
            signature.to_owned(),
            String::new(),
            "A".repeat(LONGEST + 1),
            signed.replace('.', "") + "." + signature,
        ] {
            assert!(verify(&bad, &["s"]).is_err(), "{} bytes", bad.len());
        }
        let array = signed_array();
        assert!(verify(&array, &["s"]).is_err(), "claims in an array");
    }

    #[test]
    fn a2_a_token_has_one_text() {
        let token = sign_hs256(&secret("s"), None, &json!({ "user": "u" })).unwrap();
        for other in crate::jwt::public_keys::tests::other_texts(&token) {
            assert!(verify(&other, &["s"]).is_err(), "{other}");
        }
    }

    fn signed_array() -> String {
        signed(&json!({ "alg": "HS256" }), &json!(["u"]), "s")
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read(text in "\\PC{0,200}|[A-Za-z0-9_-]{0,90}(\\.[A-Za-z0-9_-]{0,90}){0,4}") {
            prop_assert!(verify(&text, &["s"]).is_err());
        }
    }
}
