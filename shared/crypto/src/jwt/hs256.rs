//! JWTs signed with a shared secret by HS256 (RFC 7515; RFC 7518, 3.2): windows V (V5) and S (S4).

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::jwt::header::{UnverifiedHeader, dangerous_claims};
use crate::{CryptoError, Secret, SignatureError, mac};

/// Signs `claims` with `secret`, whose UTF-8 bytes are the key, and returns the compact JWS.
///
/// The header has exactly the members that V5 requires, and `kid` if it is given. The `kid` names the owner of the secret.
///
/// # Errors
/// [`CryptoError::Claims`].
pub fn sign_hs256(
    secret: &Secret,
    kid: Option<&str>,
    claims: &impl Serialize,
) -> Result<String, CryptoError> {
    let header_json =
        serde_json::to_vec(&Header { alg: "HS256", typ: "JWT", kid }).map_err(|_| CryptoError::Claims)?;
    let claims_json = serde_json::to_vec(claims).map_err(|_| CryptoError::Claims)?;
    let mut token = BASE64URL_NOPAD.encode(&header_json);
    token.push('.');
    BASE64URL_NOPAD.encode_append(&claims_json, &mut token);
    let signature = mac::sign(secret.reveal().as_bytes(), &[token.as_bytes()]);
    token.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut token);
    Ok(token)
}

/// The header of a token that is signed here.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

/// Returns the claims of `token` if one of `secrets` signed it with HS256. Every other algorithm is refused, including
/// `none` and RS256 (S4).
///
/// Signatures are compared in constant time. The caller checks the times in the claims.
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
    let signature_bytes =
        BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| SignatureError::Malformed)?;
    let signed_it =
        |secret: &&Secret| mac::verify(secret.reveal().as_bytes(), &[signed.as_bytes()], &signature_bytes);
    secrets.into_iter().find(signed_it).ok_or(SignatureError::Invalid)?;
    dangerous_claims(token).ok_or(SignatureError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::header::MAX_TOKEN_BYTES;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    fn signed(header: &Value, claims: &Value, by: &str) -> String {
        let part = |json: &Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = BASE64URL_NOPAD.encode(&mac::sign(by.as_bytes(), &[message.as_bytes()]));
        format!("{message}.{signature}")
    }

    fn verify(token: &str, by: &[&str]) -> Result<Value, SignatureError> {
        let secrets: Vec<_> = by.iter().map(|text| secret(text)).collect();
        verify_hs256(token, &secrets)
    }

    #[test]
    fn v5_a_signed_token_has_exactly_the_required_header_and_verifies() {
        let token = sign_hs256(&secret("s"), None, &json!({ "user": "u" })).unwrap();
        let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
        assert_eq!(verify(&token, &["s"]).unwrap(), json!({ "user": "u" }));
        assert_eq!(verify(&token, &["old", "s"]).unwrap(), json!({ "user": "u" }));
        assert_eq!(verify(&token, &["x"]), Err(SignatureError::Invalid));
        assert_eq!(verify(&token, &[]), Err(SignatureError::Invalid));
    }

    #[test]
    fn s4_only_hs256_is_accepted() {
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
            ("crit", json!({ "alg": "HS256", "crit": ["exp"], "exp": 1 }), false),
            ("crit null", json!({ "alg": "HS256", "crit": null }), false),
            ("b64", json!({ "alg": "HS256", "b64": true }), false),
            ("zip", json!({ "alg": "HS256", "zip": null }), false),
            ("enc", json!({ "alg": "HS256", "enc": "A256GCM" }), false),
            ("no algorithm", json!({ "typ": "JWT" }), false),
            ("null algorithm", json!({ "alg": null }), false),
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
            "A".repeat(MAX_TOKEN_BYTES + 1),
            signed.replace('.', "") + "." + signature,
        ] {
            assert!(verify(&bad, &["s"]).is_err(), "{} bytes", bad.len());
        }
        let array = signed_array();
        assert!(verify(&array, &["s"]).is_err(), "claims in an array");
    }

    #[test]
    fn a2_a_token_has_exactly_one_encoding() {
        let token = sign_hs256(&secret("s"), None, &json!({ "user": "u" })).unwrap();
        for other in crate::jwt::public_keys::tests::other_encodings(&token) {
            assert!(verify(&other, &["s"]).is_err(), "{other}");
        }
    }

    fn signed_array() -> String {
        signed(&json!({ "alg": "HS256" }), &json!(["u"]), "s")
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_refused(text in "\\PC{0,200}|[A-Za-z0-9_-]{0,90}(\\.[A-Za-z0-9_-]{0,90}){0,4}") {
            prop_assert!(verify(&text, &["s"]).is_err());
        }
    }
}
