//! Compact JWE with a shared key: `dir` and `A256GCM` (X9; RFC 7516, 3.1 and 5; RFC 7518, 4.5 and 5.3).
//!
//! AWS-LC provides the cipher; only the five-part form is put together here, as in `SigningKey`. Crates with JWE
//! support were rejected: `josekit` adds OpenSSL, `biscuit` adds ring, and `compact_jwt` and `jose-rs` add RustCrypto
//! (and TPM or PKCS#11 code), each a second set of ciphers in every binary. `no-way-jose` uses AWS-LC, but it is a
//! release candidate and ignores `zip`. All of them stop at the first fault, which X7 forbids.

use aws_lc_rs::aead::NONCE_LEN;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::xdoc::decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
use crate::xdoc::gcm::{Encrypted, Gcm, TAG_BYTES};
use crate::{CryptoError, KeyBits, TokenKey};

/// The encoded header of every token made here: `{"alg":"dir","enc":"A256GCM"}`.
const HEADER: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0";

/// Number of characters around the ciphertext, after the header: four points, 16 for the IV, 22 for the tag.
const FRAME_LENGTH: usize = 42;

/// A header of a token that others may have made. It may have members that change nothing. `zip`, `crit` and unknown
/// members are refused (RFC 7516, 4.1.3 and 4.1.13).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    enc: String,
    #[serde(default, rename = "kid")]
    _kid: String,
    #[serde(default, rename = "typ")]
    _typ: String,
    #[serde(default, rename = "cty")]
    _cty: String,
}

/// The parts of a token without its empty encrypted key. `text` is ciphertext and tag.
struct Parts<'t> {
    header: &'t str,
    iv: Vec<u8>,
    text: Vec<u8>,
}

/// A shared key that encrypts the content directly (`dir`).
pub(crate) struct Jwe(Gcm);

impl Jwe {
    /// Builds the cipher. The key must have 256 bits, because `A256GCM` allows no other size.
    pub(crate) fn new(key: &TokenKey, bits: KeyBits) -> Result<Self, CryptoError> {
        if bits != KeyBits::Aes256 {
            return Err(CryptoError::Key);
        }
        Gcm::new(key, bits).map(Self)
    }

    pub(crate) fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        let Encrypted { iv, text, tag } = self.0.encrypt(plain, HEADER.as_bytes())?;
        let [iv, text, tag] = [&iv[..], &text, &tag].map(|part| BASE64URL_NOPAD.encode(part));
        Ok(format!("{HEADER}..{iv}.{text}.{tag}"))
    }

    pub(crate) fn open(&self, token: &str) -> DecryptedToken {
        let (mut faults, mut work) = (DecryptionFaults::default(), WorkCount::default());
        let parts = Parts::parse(token);
        work.add(token.len());
        faults.add_if(DecryptionFaults::JWE, parts.is_none());
        let Parts { header, iv, text } = parts.unwrap_or_else(|| Parts::decoy(token));
        self.0.decrypt(&iv, header.as_bytes(), &text, (faults, work))
    }
}

impl<'t> Parts<'t> {
    fn parse(token: &'t str) -> Option<Self> {
        let parts: Vec<_> = token.splitn(6, '.').collect();
        let [header, "", iv, text, tag] = parts[..] else { return None };
        let [iv, mut text, tag] = [iv, text, tag].map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
        let (iv, tag) = (iv.filter(|iv| iv.len() == NONCE_LEN)?, tag.filter(|tag| tag.len() == TAG_BYTES)?);
        text.as_mut()?.extend(tag);
        is_supported(header).then_some(Self { header, iv, text: text? })
    }

    /// Parts with as many bytes as a token of that length has.
    fn decoy(token: &'t str) -> Self {
        let (header, rest) = token.split_at_checked(HEADER.len()).unwrap_or((token, ""));
        let characters = rest.len().saturating_sub(FRAME_LENGTH);
        Self { header, iv: vec![0; NONCE_LEN], text: vec![0; characters * 3 / 4 + TAG_BYTES] }
    }
}

fn is_supported(header: &str) -> bool {
    let json = BASE64URL_NOPAD.decode(header.as_bytes()).unwrap_or_default();
    let parsed = serde_json::from_slice::<Header>(&json).ok().filter(|_| json.starts_with(b"{"));
    parsed.is_some_and(|header| header.alg == "dir" && header.enc == "A256GCM")
}
