//! The token ciphers, tested with Wycheproof's vectors for JWE.

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::xdoc::cipher_vectors::{cipher, hex, key};
use crate::xdoc::decrypted::{DecryptionFaults, WorkCount};
use crate::xdoc::gcm::Gcm;
use crate::{Mode, Padding};

/// Wycheproof's `json_web_encryption_test.json`, which is in no package registry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JweVectors {
    number_of_tests: usize,
    test_groups: Vec<JweGroup>,
}

#[derive(Deserialize)]
struct JweGroup {
    private: Jwk,
    tests: Vec<JweTest>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    k: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JweTest {
    tc_id: usize,
    #[serde(default)]
    pt: String,
    jwe: String,
    result: String,
    flags: Vec<String>,
}

/// The header members that determine the content key.
#[derive(Deserialize)]
struct JweHeader {
    alg: String,
    enc: String,
    #[serde(default)]
    iv: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    zip: String,
}

fn url_safe(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default()
}

/// The content key that the header determines.
fn content_key(header: &JweHeader, shared: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    let mut room = [0; 64];
    match header.alg.as_str() {
        "dir" => Some(shared.to_vec()),
        "A128KW" => Some(AesKek::new(&AES_128, shared).ok()?.unwrap(wrapped, &mut room).ok()?.to_vec()),
        "A256KW" => Some(AesKek::new(&AES_256, shared).ok()?.unwrap(wrapped, &mut room).ok()?.to_vec()),
        "A128GCMKW" | "A192GCMKW" | "A256GCMKW" => {
            let (kek, bits) = key(shared);
            let text = [wrapped, &url_safe(&header.tag)].concat();
            let blank = (DecryptionFaults::default(), WorkCount::default());
            let opened = Gcm::new(&kek, bits).unwrap().decrypt(&url_safe(&header.iv), b"", &text, blank);
            Some(opened.into_plaintext().ok()?.to_vec())
        }
        _ => None,
    }
}

/// The content of a JWE with a shared key and GCM, decrypted with the cipher of our tokens.
fn content(shared: &[u8], jwe: &str) -> Option<Vec<u8>> {
    let parts: Vec<_> = jwe.split('.').collect();
    let [header, wrapped, iv, text, tag] = parts[..] else { return None };
    let read: JweHeader = serde_json::from_slice(&url_safe(header)).ok()?;
    let content_key = content_key(&read, shared, &url_safe(wrapped))?;
    let (key, bits) = key(&content_key);
    let text = [url_safe(text), url_safe(tag)].concat();
    let blank = (DecryptionFaults::default(), WorkCount::default());
    let opened = Gcm::new(&key, bits).unwrap().decrypt(&url_safe(iv), header.as_bytes(), &text, blank);
    Some(opened.into_plaintext().ok()?.to_vec())
}

/// Whether a test uses AES-GCM with a shared key. Three kinds of tests are left out: AWS-LC does not unwrap with 192-bit
/// keys, `WrongCipher` needs keys that name an algorithm, and nothing here decompresses.
fn is_shared_gcm(group: &JweGroup, test: &JweTest) -> bool {
    let header = url_safe(test.jwe.split('.').next().unwrap());
    let header: Option<JweHeader> = serde_json::from_slice(&header).ok();
    let is_shared = group.private.kty == "oct" && !test.flags.iter().any(|flag| flag == "WrongCipher");
    is_shared
        && header.is_some_and(|JweHeader { alg, enc, zip, .. }| {
            enc.ends_with("GCM") && alg != "A192KW" && zip.is_empty()
        })
}

#[test]
fn x9_jwe_matches_wycheproof() {
    let folder = std::env::var("TOKENBOOTH_VECTORS").expect("TOKENBOOTH_VECTORS");
    let text = std::fs::read(folder + "/json_web_encryption_test.json").expect("the vectors");
    let vectors: JweVectors = serde_json::from_slice(&text).unwrap();
    let (mut tried, mut read, mut refused) = (0, 0, 0);
    for (group, test) in
        vectors.test_groups.iter().flat_map(|group| group.tests.iter().map(move |test| (group, test)))
    {
        let case = format!("json_web_encryption_test.json, {}", test.tc_id);
        let shared = url_safe(&group.private.k);
        if is_shared_gcm(group, test) && test.result == "valid" {
            assert_eq!(content(&shared, &test.jwe), Some(hex(&test.pt)), "{case}");
            read += 1;
        } else if is_shared_gcm(group, test) {
            assert_eq!(content(&shared, &test.jwe), None, "{case}");
            refused += 1;
        }
        // No vector has `dir` with A256GCM, so none is accepted as a token, whatever the key.
        let key_bytes = if shared.len() == 32 { shared } else { vec![7; 32] };
        let cipher = cipher(Mode::Jwe, Padding::None, &key_bytes, b"");
        assert!(cipher.open(&test.jwe).into_plaintext().is_err(), "{case}");
        tried += 1;
    }
    assert_eq!(tried, vectors.number_of_tests);
    assert_eq!((read, refused), (10, 4));
}
