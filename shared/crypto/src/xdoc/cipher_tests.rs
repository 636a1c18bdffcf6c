//! Properties that every mode has (X3, X7, X9).

use proptest::prelude::*;

use crate::{
    CipherSettings, CryptoError, DecryptedToken, DecryptionFaults, Iv, KeyBits, Mode, Padding, TokenCipher,
    TokenKey,
};

const SIZES: [KeyBits; 3] = [KeyBits::Aes128, KeyBits::Aes192, KeyBits::Aes256];
const PADDINGS: [Padding; 3] = [Padding::Pkcs7, Padding::Zeros, Padding::None];

fn cipher(mode: Mode, bits: KeyBits, padding: Padding, key: u8) -> TokenCipher {
    let key = TokenKey::parse(&format!("{key:02x}").repeat(bits.bytes()), bits).unwrap();
    let iv = Iv::try_from("00112233445566778899aabbccddeeff".to_owned()).unwrap();
    TokenCipher::new(CipherSettings { mode, key_bits: bits, padding }, &key, Some(&iv)).unwrap()
}

/// A cipher for every valid combination of settings.
fn ciphers(key: u8) -> Vec<(String, TokenCipher)> {
    let blocks = [Mode::Cbc, Mode::Ecb].into_iter().flat_map(|mode| {
        SIZES.into_iter().flat_map(move |bits| PADDINGS.map(move |padding| (mode, bits, padding)))
    });
    let gcm = SIZES.map(|bits| (Mode::Gcm, bits, Padding::Pkcs7));
    let all = blocks.chain(gcm).chain([(Mode::Jwe, KeyBits::Aes256, Padding::None)]);
    all.map(|(mode, bits, padding)| {
        (format!("{mode:?} {bits:?} {padding:?}"), cipher(mode, bits, padding, key))
    })
    .collect()
}

fn plaintext_of(opened: DecryptedToken) -> Result<Vec<u8>, DecryptionFaults> {
    opened.into_plaintext().map(|plain| plain.to_vec())
}

#[test]
fn x5_a_cipher_is_refused_unless_it_has_the_key_and_iv_of_its_mode() {
    let key = |bits| TokenKey::generate(bits).unwrap();
    for (case, mode, bits, key, refused) in [
        ("CBC without an IV", Mode::Cbc, KeyBits::Aes128, key(KeyBits::Aes128), true),
        ("ECB", Mode::Ecb, KeyBits::Aes128, key(KeyBits::Aes128), false),
        ("a short key", Mode::Ecb, KeyBits::Aes256, key(KeyBits::Aes192), true),
        ("a long key", Mode::Gcm, KeyBits::Aes192, key(KeyBits::Aes256), true),
        ("JWE of 192 bits", Mode::Jwe, KeyBits::Aes192, key(KeyBits::Aes192), true),
        ("JWE of 256 bits", Mode::Jwe, KeyBits::Aes256, key(KeyBits::Aes256), false),
    ] {
        let made =
            TokenCipher::new(CipherSettings { mode, key_bits: bits, padding: Padding::Pkcs7 }, &key, None);
        assert_eq!(made.err(), refused.then_some(CryptoError::Key), "{case}");
    }
}

#[test]
fn x9_an_authenticated_token_does_not_open_when_changed_and_is_sealed_differently_each_time() {
    for mode in [Mode::Gcm, Mode::Jwe] {
        let cipher = cipher(mode, KeyBits::Aes256, Padding::Pkcs7, 1);
        let token = cipher.seal(b"plain").unwrap();
        assert_ne!(token, cipher.seal(b"plain").unwrap());
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(plaintext_of(cipher.open(&changed)).is_err(), "{mode:?}, character {at}");
            assert!(plaintext_of(cipher.open(&token[..at])).is_err(), "{mode:?}, cut at {at}");
        }
    }
}

#[test]
fn x7_the_owner_is_shown_every_fault() {
    let cbc = cipher(Mode::Cbc, KeyBits::Aes128, Padding::Pkcs7, 1);
    let gcm = cipher(Mode::Gcm, KeyBits::Aes128, Padding::Pkcs7, 1);
    let jwe = cipher(Mode::Jwe, KeyBits::Aes256, Padding::Pkcs7, 1);
    let other = cipher(Mode::Cbc, KeyBits::Aes128, Padding::None, 1).seal(&[0; 16]).unwrap();
    for (case, cipher, token, named) in [
        ("nothing", &cbc, "", "length"),
        ("another alphabet", &cbc, "____", "Base64"),
        ("a part of a block", &cbc, "AAAA", "length"),
        ("no padding", &cbc, &*other, "padding"),
        ("no room for a tag", &gcm, "AAAA", "length"),
        ("another tag", &gcm, &"A".repeat(40), "tag"),
        ("one part", &jwe, "AAAA", "JWE"),
    ] {
        let faults = cipher.open(token).faults();
        assert!(!faults.is_empty() && faults.to_string().contains(named), "{case}: {faults}");
    }
}

/// RFC 7516, 4.1.3 and 4.1.13; RFC 7518, 4.5.
#[test]
fn x9_a_jwe_with_another_header_is_refused() {
    use data_encoding::BASE64URL_NOPAD;
    let cipher = cipher(Mode::Jwe, KeyBits::Aes256, Padding::Pkcs7, 1);
    let key = TokenKey::parse(&"01".repeat(32), KeyBits::Aes256).unwrap();
    let gcm = crate::xdoc::gcm::Gcm::new(&key, KeyBits::Aes256).unwrap();
    let with = |header: &str, key: &str| {
        let header = BASE64URL_NOPAD.encode(header.as_bytes());
        let crate::xdoc::gcm::Encrypted { iv, text, tag } = gcm.encrypt(b"plain", header.as_bytes()).unwrap();
        let [iv, text, tag] = [&iv[..], &text, &tag].map(|part| BASE64URL_NOPAD.encode(part));
        format!("{header}.{key}.{iv}.{text}.{tag}")
    };
    for header in [
        r#"{"alg":"dir","enc":"A256GCM"}"#,
        r#"{"enc":"A256GCM","alg":"dir","typ":"JWT","cty":"xml","kid":"one"}"#,
    ] {
        assert_eq!(plaintext_of(cipher.open(&with(header, ""))).unwrap(), b"plain", "{header}");
    }
    for header in [
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1}"#,
        r#"{"alg":"dir","enc":"A256GCM","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A128GCM"}"#,
        r#"{"alg":"A256KW","enc":"A256GCM"}"#,
        r#"{"alg":"DIR","enc":"A256GCM"}"#,
        r#"{"alg":"dir"}"#,
        r#"["dir","A256GCM"]"#,
        r#" {"alg":"dir","enc":"A256GCM"}"#,
        "",
    ] {
        assert!(plaintext_of(cipher.open(&with(header, ""))).is_err(), "{header}");
    }
    let sound = with(r#"{"alg":"dir","enc":"A256GCM"}"#, "");
    assert!(plaintext_of(cipher.open(&with(r#"{"alg":"dir","enc":"A256GCM"}"#, "AAAA"))).is_err());
    for bad in [format!("{sound}."), format!("{sound}="), format!(" {sound}"), sound.replacen("..", ".", 1)] {
        assert!(plaintext_of(cipher.open(&bad)).is_err(), "{bad}");
    }
}

/// `token` with one character replaced, by a character of its alphabet or of no alphabet.
fn corrupted(token: &str, at: usize, with: u8) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let places: Vec<_> = (0..bytes.len()).filter(|at| !b"=.".contains(&bytes[*at])).collect();
    bytes[places[at % places.len()]] = with;
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #[test]
    fn x3_every_sealed_text_is_opened(text in "[ -~]{1,80}") {
        for (case, cipher) in ciphers(1) {
            let blanks = if case.ends_with("None") { (16 - text.len() % 16) % 16 } else { 0 };
            let plain = text.clone() + &" ".repeat(blanks);
            let token = cipher.seal(plain.as_bytes()).unwrap();
            prop_assert_eq!(plaintext_of(cipher.open(&token)).unwrap(), plain.as_bytes(), "{}", case);
        }
    }

    #[test]
    fn x7_every_failure_takes_the_same_work(text in "[ -~]{16}{1,6}", at: usize, with in "[A-Za-z0-9 %_-]") {
        for ((case, cipher), (_, other)) in ciphers(1).into_iter().zip(ciphers(2)) {
            let token = cipher.seal(text.as_bytes()).unwrap();
            let (whole, foreign) = (cipher.open(&token), other.open(&token));
            let changed = cipher.open(&corrupted(&token, at, with.as_bytes()[0]));
            for opened in [&foreign, &changed] {
                prop_assert_eq!(opened.work(), whole.work(), "{}: {}", case, opened.faults());
                prop_assert_eq!(opened.length(), whole.length(), "{}: {}", case, opened.faults());
            }
        }
    }

    #[test]
    fn x7_any_text_is_opened_or_refused(token in "[A-Za-z0-9+/=._ \u{e9}-]{0,200}") {
        for (case, cipher) in ciphers(1) {
            let opened = cipher.open(&token);
            prop_assert!(opened.dangerous_bytes().len() <= opened.length(), "{}", case);
            prop_assert!(opened.length() <= token.len() + 28, "{}", case);
        }
    }
}
