//! Verifying our own JWTs against a set of public keys (RFC 7519, RFC 8725).

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Algorithm, Jwk, JwkSet, TokenType};

/// The longest token read, in bytes: metadata of 4 KiB, escaped, in Base64, with room to spare.
pub(crate) const LONGEST: usize = 16 * 1024;

/// Why a token was refused. For the log; a caller hears one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not a JWT, or longer than any of ours.
    #[error("malformed token")]
    Malformed,
    /// No published key of that id and algorithm, or none named.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is not that key's, or the claims are not of the expected shape.
    #[error("wrong signature or claims")]
    Invalid,
}

/// The public keys tokens may be signed with.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(JwkSet);

impl PublicKeys {
    /// The keys of a JWKS.
    #[must_use]
    pub fn new(keys: JwkSet) -> Self {
        Self(keys)
    }

    /// The claims of `token` if one of the keys signed it with `algorithm` as a token of that type.
    ///
    /// The algorithm and the type are the caller's and the key's, never the header's (RFC 8725, 3.1). Claims are judged by the
    /// caller: give `C` the claims it cannot do without as fields without `Option`, and judge times by the clock.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        algorithm: Algorithm,
        typ: TokenType,
    ) -> Result<C, SignatureError> {
        if token.len() > LONGEST {
            return Err(SignatureError::Malformed);
        }
        let header = Header::read(token).ok_or(SignatureError::Malformed)?;
        if header.alg != algorithm.name() || header.typ != typ.name() {
            return Err(SignatureError::UnknownKey);
        }
        let key = self
            .0
            .find(&header.kid)
            .filter(|key| is_for(key, algorithm))
            .ok_or(SignatureError::UnknownKey)?;
        let key = DecodingKey::from_jwk(key).map_err(|_| SignatureError::UnknownKey)?;
        let token = decode(token, &key, &signature_only(algorithm)).map_err(|_| SignatureError::Invalid)?;
        Ok(token.claims)
    }
}

/// The header of a token of ours, which has these members and no other. Read before the library reads it: the library
/// keeps whatever else a stranger put there, of any shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

impl Header {
    fn read(token: &str) -> Option<Self> {
        let (header, _) = token.split_once('.')?;
        serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).ok()?).ok()
    }
}

fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    key.common.key_algorithm.is_some_and(|named| named.to_string() == algorithm.name())
}

/// The library checks the signature; claims are ours to judge, with our clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(match algorithm {
        Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
    });
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
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

    /// Texts a lenient reader takes for `token`: its parts padded, spaced, or with other bits where there are none.
    pub(crate) fn other_texts(token: &str) -> Vec<String> {
        const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let parts: Vec<&str> = token.split('.').collect();
        let mut others = Vec::new();
        for at in 0..parts.len() {
            let mut put = |part: String| {
                let mut parts = parts.clone();
                parts[at] = &part;
                others.push(parts.join("."));
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
    fn a2_a_token_has_one_text() {
        for algorithm in [Algorithm::EdDSA, Algorithm::RS256] {
            let key = key(algorithm);
            let token = key.sign(TokenType::Jwt, &json!({ "sub": "x" })).unwrap();
            let keys = keys(&[&key]);
            assert!(keys.verify::<Value>(&token, algorithm, TokenType::Jwt).is_ok());
            for other in other_texts(&token) {
                assert!(keys.verify::<Value>(&other, algorithm, TokenType::Jwt).is_err(), "{other}");
            }
        }
    }

    #[test]
    fn a_token_verifies_under_its_own_key_and_algorithm_only() {
        for algorithm in [Algorithm::EdDSA, Algorithm::RS256] {
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
            let wrong = if algorithm == Algorithm::EdDSA { Algorithm::RS256 } else { Algorithm::EdDSA };
            assert_eq!(
                both.verify::<Value>(&token, wrong, TokenType::Jwt),
                Err(SignatureError::UnknownKey),
                "{algorithm:?}"
            );
        }
    }

    #[test]
    fn a_header_does_not_choose_the_algorithm_or_the_key() {
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
        let long = format!("{token}{}", "A".repeat(LONGEST));
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
