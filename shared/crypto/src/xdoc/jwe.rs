//! JWE in its compact form with a shared key: `dir` and `A256GCM` (X9; RFC 7516, 3.1, 5; RFC 7518, 4.5, 5.3).
//!
//! The cipher is AWS-LC's; only the five-part form is put together here, as in `SigningKey`. Of the crates that have
//! JWE, `josekit` brings OpenSSL, `biscuit` ring, `compact_jwt` and `jose-rs` the whole of RustCrypto (and TPM or
//! PKCS#11 code): each a second set of ciphers in every binary. `no-way-jose` stands on AWS-LC, but is a release
//! candidate that reads past `zip`. And all of them stop at the first thing wrong, which X7 forbids.

use aws_lc_rs::aead::NONCE_LEN;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::xdoc::decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
use crate::xdoc::gcm::{Encrypted, Gcm, TAG};
use crate::{CryptoError, KeyBits, TokenKey};

/// The header of every token made here: `{"alg":"dir","enc":"A256GCM"}`.
const HEADER: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0";

/// What stands around the ciphertext after the header: four points, 16 characters of IV, 22 of tag.
const FRAME: usize = 42;

/// A header that is read: of others' making, it may have the members that change nothing. `zip`, `crit` and whatever
/// else there is are refused (RFC 7516, 4.1.3, 4.1.13).
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

/// The parts of a token after its header and its empty key.
struct Parts<'t> {
    header: &'t str,
    iv: Vec<u8>,
    text: Vec<u8>,
}

/// A key shared by both sides, used on the content itself (`dir`).
pub(crate) struct Jwe(Gcm);

impl Jwe {
    /// A key of 256 bits; `A256GCM` has no other.
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
        let parts = Parts::read(token);
        work.add(token.len());
        faults.note(DecryptionFaults::FORM, parts.is_none());
        let Parts { header, iv, text } = parts.unwrap_or_else(|| Parts::decoy(token));
        self.0.decrypt(&iv, header.as_bytes(), &text, (faults, work))
    }
}

impl<'t> Parts<'t> {
    fn read(token: &'t str) -> Option<Self> {
        let parts: Vec<_> = token.splitn(6, '.').collect();
        let [header, "", iv, text, tag] = parts[..] else { return None };
        let [iv, mut text, tag] = [iv, text, tag].map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
        let (iv, tag) = (iv.filter(|iv| iv.len() == NONCE_LEN)?, tag.filter(|tag| tag.len() == TAG)?);
        text.as_mut()?.extend(tag);
        is_ours(header).then_some(Self { header, iv, text: text? })
    }

    /// As much as a token of that length holds.
    fn decoy(token: &'t str) -> Self {
        let (header, rest) = token.split_at_checked(HEADER.len()).unwrap_or((token, ""));
        let signs = rest.len().saturating_sub(FRAME);
        Self { header, iv: vec![0; NONCE_LEN], text: vec![0; signs * 3 / 4 + TAG] }
    }
}

fn is_ours(header: &str) -> bool {
    let json = BASE64URL_NOPAD.decode(header.as_bytes()).unwrap_or_default();
    let header = serde_json::from_slice::<Header>(&json).ok().filter(|_| json.starts_with(b"{"));
    header.is_some_and(|header| header.alg == "dir" && header.enc == "A256GCM")
}
