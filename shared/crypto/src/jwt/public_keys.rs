//! Verification of the JWTs that this deployment issues, against a set of public keys (RFC 7519, RFC 8725).

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKey;
use serde::de::DeserializeOwned;

use crate::jwt::es256::has_low_s;
use crate::jwt::header::{IssuedHeader, MAX_TOKEN_BYTES, dangerous_claims};
use crate::{Algorithm, Jwk, JwkSet, SignatureError, TokenType};

/// The public keys that verify tokens.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(JwkSet);

impl PublicKeys {
    /// The keys of a JWK set (RFC 7517, 5).
    #[must_use]
    pub fn new(keys: JwkSet) -> Self {
        Self(keys)
    }

    /// The keys of these that sign with `algorithm`.
    #[must_use]
    pub fn only(mut self, algorithm: Algorithm) -> Self {
        self.0.keys.retain(|key| is_for(key, algorithm));
        self
    }

    /// Whether one of the keys has the id `kid`.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.0.find(kid).is_some()
    }

    /// Returns the claims of `token` if one of the keys signed it with `algorithm`, as a token of type `typ`.
    ///
    /// The caller and the key fix the algorithm and the type; the header never does (RFC 8725, 3.1). The claims are not
    /// checked: declare required claims in `C` as fields that are not `Option`, and compare the times with the clock.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        algorithm: Algorithm,
        typ: TokenType,
    ) -> Result<C, SignatureError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(SignatureError::Malformed);
        }
        let header = IssuedHeader::parse(token).ok_or(SignatureError::Malformed)?;
        if header.alg != algorithm.name() || header.typ != typ.name() {
            return Err(SignatureError::UnknownKey);
        }
        let jwk = self
            .0
            .find(&header.kid)
            .filter(|key| is_for(key, algorithm))
            .ok_or(SignatureError::UnknownKey)?;
        let (signed, signature) = token.rsplit_once('.').ok_or(SignatureError::Malformed)?;
        let has_one_form = algorithm != Algorithm::ES256
            || BASE64URL_NOPAD.decode(signature.as_bytes()).is_ok_and(|signature| has_low_s(&signature));
        if !has_one_form || !is_signed(signed.as_bytes(), signature, jwk, algorithm) {
            return Err(SignatureError::Invalid);
        }
        dangerous_claims(token).ok_or(SignatureError::Invalid)
    }
}

fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    key.common.key_algorithm.is_some_and(|named| named.to_string() == algorithm.name())
}

/// Whether `signature`, in Base64url without padding, is the signature of `message` by `key`.
pub(crate) fn is_signed(message: &[u8], signature: &str, key: &Jwk, algorithm: Algorithm) -> bool {
    let algorithm = match algorithm {
        Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
    };
    let verified = DecodingKey::from_jwk(key)
        .and_then(|key| jsonwebtoken::crypto::verify(signature, message, &key, algorithm));
    verified.unwrap_or(false)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::SigningKey;
    use serde_json::{Value, json};

    fn key(algorithm: Algorithm) -> SigningKey {
        SigningKey::from_pkcs8(algorithm, &SigningKey::generate(algorithm).unwrap()).unwrap()
    }

    fn keys(of: &[&SigningKey]) -> PublicKeys {
        PublicKeys::new(JwkSet { keys: of.iter().map(|key| key.jwk().clone()).collect() })
    }

    fn with_header(token: &str, header: &Value) -> String {
        let rest = token.split_once('.').unwrap().1;
        format!("{}.{rest}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()))
    }

    /// Texts that a lenient decoder accepts as `token`: parts with padding, spaces or changed unused bits.
    pub(crate) fn other_encodings(token: &str) -> Vec<String> {
        const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let parts: Vec<&str> = token.split('.').collect();
        let mut others = Vec::new();
        for at in 0..parts.len() {
            let mut put = |part: String| {
                let mut changed = parts.clone();
                changed[at] = &part;
                others.push(changed.join("."));
            };
            let (head, last) = parts[at].split_at(parts[at].len() - 1);
            put(format!("{}=", parts[at]));
            put(format!("{}==", parts[at]));
            put(format!("{} ", parts[at]));
            put(format!("\n{}", parts[at]));
            DIGITS
                .chars()
                .filter(|digit| !last.starts_with(*digit))
                .for_each(|digit| put(format!("{head}{digit}")));
            if parts[at].contains(['-', '_']) {
                put(parts[at].replace('-', "+").replace('_', "/"));
            }
        }
        others
    }

    #[test]
    fn a2_a_token_has_exactly_one_encoding() {
        for algorithm in Algorithm::ALL {
            let key = key(algorithm);
            let token = key.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
            let keys = keys(&[&key]);
            assert!(keys.verify::<Value>(&token, algorithm, TokenType::Jwt).is_ok());
            for other in other_encodings(&token) {
                assert!(keys.verify::<Value>(&other, algorithm, TokenType::Jwt).is_err(), "{other}");
            }
        }
    }

    #[test]
    fn a_token_verifies_under_its_own_key_and_algorithm_only() {
        for algorithm in Algorithm::ALL {
            let (mine, other) = (key(algorithm), key(algorithm));
            let token = mine.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
            let both = keys(&[&mine, &other]);
            assert_eq!(
                both.verify::<Value>(&token, algorithm, TokenType::Jwt).unwrap(),
                json!({ "sub": "x" })
            );
            assert_eq!(
                keys(&[&other]).verify::<Value>(&token, algorithm, TokenType::Jwt),
                Err(SignatureError::UnknownKey)
            );
            for wrong in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert_eq!(
                    both.verify::<Value>(&token, wrong, TokenType::Jwt),
                    Err(SignatureError::UnknownKey),
                    "{algorithm:?} {wrong:?}"
                );
            }
        }
    }

    #[test]
    fn a7_the_other_form_of_an_es256_signature_is_refused() {
        let mine = key(Algorithm::ES256);
        let token = mine.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let mut borrow = 0_i16;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER).rev() {
            let difference = i16::from(order) - i16::from(*byte) - borrow;
            (*byte, borrow) = (difference.rem_euclid(256) as u8, i16::from(difference < 0));
        }
        let other = BASE64URL_NOPAD.encode(&bytes);
        assert!(is_signed(signed.as_bytes(), &other, mine.jwk(), Algorithm::ES256), "it is valid ECDSA");
        assert_eq!(
            keys(&[&mine]).verify::<Value>(&format!("{signed}.{other}"), Algorithm::ES256, TokenType::Jwt),
            Err(SignatureError::Invalid)
        );
    }

    /// The order of P-256 (SP 800-186, 3.2.1.3).
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    #[test]
    fn the_header_does_not_choose_the_algorithm_or_the_key() {
        let (mine, other) = (key(Algorithm::RS256), key(Algorithm::RS256));
        let token = mine.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
        let set = keys(&[&mine, &other]);
        let kid = mine.kid();
        for (case, header) in [
            ("none", json!({ "alg": "none", "kid": kid, "typ": "JWT" })),
            ("hs256", json!({ "alg": "HS256", "kid": kid, "typ": "JWT" })),
            ("rs512", json!({ "alg": "RS512", "kid": kid, "typ": "JWT" })),
            ("other key", json!({ "alg": "RS256", "kid": other.kid(), "typ": "JWT" })),
            ("no kid", json!({ "alg": "RS256", "typ": "JWT" })),
            ("crit", json!({ "alg": "RS256", "kid": kid, "typ": "JWT", "crit": ["b64"], "b64": false })),
            ("crit null", json!({ "alg": "RS256", "kid": kid, "typ": "JWT", "crit": null })),
            ("an array", json!(["RS256", kid, "JWT"])),
            ("own jwk", json!({ "alg": "RS256", "kid": kid, "typ": "JWT", "jwk": mine.jwk() })),
            ("other type", json!({ "alg": "RS256", "kid": kid, "typ": "at+jwt" })),
            ("anything else", json!({ "alg": "RS256", "kid": kid, "typ": "JWT", "x": [[1]] })),
        ] {
            let forged = with_header(&token, &header);
            assert!(set.verify::<Value>(&forged, Algorithm::RS256, TokenType::Jwt).is_err(), "{case}");
        }
    }

    #[test]
    fn malformed_tokens_are_refused() {
        let mine = key(Algorithm::EdDSA);
        let token = mine.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
        let (body, signature) = token.rsplit_once('.').unwrap();
        let long = format!("{token}{}", "A".repeat(MAX_TOKEN_BYTES));
        for bad in [
            "",
            ".",
            "..",
            "a.b.c",
            body,
            &format!("{body}."),
            &format!("{token}."),
            &format!("{token}A"),
            &long,
        ] {
            assert!(
                keys(&[&mine]).verify::<Value>(bad, Algorithm::EdDSA, TokenType::Jwt).is_err(),
                "{}",
                bad.len()
            );
        }
        let other = mine.sign(TokenType::Jwt, &json!({ "sub": "y" })).unwrap();
        let swapped = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
        assert_eq!(
            keys(&[&mine]).verify::<Value>(&swapped, Algorithm::EdDSA, TokenType::Jwt),
            Err(SignatureError::Invalid)
        );
    }
}
