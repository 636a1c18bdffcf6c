//! Verification of JWS signatures, tested with Wycheproof's JWS vectors for RS256 and HS256.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm};
use serde::Deserialize;

use crate::jwt::public_keys;
use crate::{Algorithm, JwkSet, PublicKeys, mac};

/// Wycheproof's `json_web_signature_test.json`, which is in no package registry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsVectors {
    number_of_tests: usize,
    test_groups: Vec<JwsGroup>,
}

/// A key and its tests. For a shared secret, `private` is the key.
#[derive(Deserialize)]
struct JwsGroup {
    private: Option<serde_json::Value>,
    public: Option<serde_json::Value>,
    tests: Vec<JwsTest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsTest {
    tc_id: usize,
    jws: String,
    result: String,
}

#[derive(Deserialize)]
struct JwsHeader {
    alg: String,
}

/// Four vectors contradict RFC 7515. Two are labelled invalid, but their MACs are right and no part is padded. Two are
/// labelled valid, but they contain a `?`, which is not in the alphabet, and their MACs are over another message.
const MISLABELLED: [usize; 4] = [367, 370, 372, 373];

/// Whether the signature is the key's and the header names the key's algorithm, `RS256` or `HS256`.
fn is_signed(jws: &str, key: &Jwk, algorithm: &str) -> bool {
    let parts: Vec<_> = jws.split('.').collect();
    let [header, payload, signature] = parts[..] else { return false };
    let read = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes());
    let Ok((header_json, _)) = read(header).and_then(|header| Ok((header, read(payload)?))) else {
        return false;
    };
    let names_it =
        serde_json::from_slice::<JwsHeader>(&header_json).is_ok_and(|header| header.alg == algorithm);
    let message = format!("{header}.{payload}");
    names_it
        && match &key.algorithm {
            AlgorithmParameters::OctetKey(shared) => {
                let secret = read(&shared.value).unwrap();
                read(signature).is_ok_and(|tag| mac::verify(&secret, &[message.as_bytes()], &tag))
            }
            _ => public_keys::is_signed(message.as_bytes(), signature, key, Algorithm::RS256),
        }
}

#[test]
fn jws_matches_wycheproof() {
    let folder = std::env::var("TOKENBOOTH_VECTORS").expect("TOKENBOOTH_VECTORS");
    let text = std::fs::read(folder + "/json_web_signature_test.json").expect("the vectors");
    let vectors: JwsVectors = serde_json::from_slice(&text).unwrap();
    let (mut tried, mut verified, mut refused) = (0, 0, 0);
    for JwsGroup { private, public, tests } in vectors.test_groups {
        tried += tests.len();
        let jwk = public.or(private).and_then(|key| serde_json::from_value::<Jwk>(key).ok());
        let Some(key) = jwk else { continue };
        let algorithm = match key.common.key_algorithm {
            Some(KeyAlgorithm::RS256) => "RS256",
            Some(KeyAlgorithm::HS256) => "HS256",
            _ => continue,
        };
        for JwsTest { tc_id, jws, result } in tests {
            let case = format!("json_web_signature_test.json, {tc_id}");
            let is_valid = (result == "valid") != MISLABELLED.contains(&tc_id);
            assert_eq!(is_signed(&jws, &key, algorithm), is_valid, "{case}");
            if is_valid {
                verified += 1
            } else {
                refused += 1
            }
            // No vector has the header of an issued token, so none is accepted, with any signature.
            let keys = PublicKeys::new(JwkSet { keys: vec![key.clone()] });
            assert!(
                keys.verify::<serde_json::Value>(&jws, crate::Algorithm::RS256, crate::TokenType::Jwt)
                    .is_err(),
                "{case}"
            );
        }
    }
    assert_eq!(tried, vectors.number_of_tests);
    assert_eq!((verified, refused), (18, 255));
}
