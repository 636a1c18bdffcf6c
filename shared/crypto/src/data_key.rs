//! Sealing: AES-256-GCM under the deployment's data key, bound to the place where the value is stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{CryptoError, digest_hex, random};

/// The first byte of a sealed value: its layout (this byte, a random 96-bit nonce, ciphertext and tag).
const LAYOUT: u8 = 1;

/// A value only the data key opens, and only at the place it was sealed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(#[serde(with = "serde_bytes")] Vec<u8>);

/// The deployment's data key. Random nonces are safe for 2³² seals under one key (NIST SP 800-38D, 8.3); a
/// deployment makes some thousands.
pub struct DataKey {
    key: LessSafeKey,
    hashing: hmac::Key,
    fingerprint: String,
}

impl DataKey {
    /// The key from its 32 bytes.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if they are not 32.
    pub fn new(bytes: &[u8]) -> Result<Self, CryptoError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| CryptoError::Key)?;
        let labelled = Zeroizing::new([b"tokenbooth data key fingerprint\0", bytes].concat());
        let mut fingerprint = digest_hex(&labelled);
        fingerprint.truncate(16);
        let hashing = Salt::new(HKDF_SHA256, b"tokenbooth").extract(bytes);
        let hashing = hashing.expand(&[b"keyed hash"], HMAC_SHA256).map_err(|_| CryptoError::Key)?;
        Ok(Self { key: LessSafeKey::new(key), hashing: hashing.into(), fingerprint })
    }

    /// A keyed hash of `parts` for the purpose `label`, 128 bits in lower-case base32: the same parts give the same
    /// text, and without the data key neither can be told from the other (V6). The key is derived from the data key by
    /// HKDF (RFC 5869), and each part goes in with its length, so that no two lists of parts are one text.
    #[must_use]
    pub fn keyed_hash(&self, label: &str, parts: &[&str]) -> String {
        let mut hash = hmac::Context::with_key(&self.hashing);
        for part in std::iter::once(&label).chain(parts) {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = BASE32_NOPAD.encode(hash.sign().as_ref().first_chunk::<16>().unwrap_or(&[0; 16]));
        text.make_ascii_lowercase();
        text
    }

    /// 32 new random bytes for a data key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate() -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        Ok(Zeroizing::new(random()?))
    }

    /// 64 bits of a labelled hash: tells whether a key is the one a table was made with.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Seals `plain` for `place` (the key of the item it is stored in).
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<Sealed, CryptoError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text)
            .map_err(|_| CryptoError::Seal)?;
        Ok(Sealed([&[LAYOUT], &nonce[..], &text, tag.as_ref()].concat()))
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`CryptoError::Open`] for every reason alike.
    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Some((&LAYOUT, rest)) = sealed.0.split_first() else { return Err(CryptoError::Open) };
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(CryptoError::Open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::Open)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length =
            self.key.open_in_place(nonce, Aad::from(place), &mut text).map_err(|_| CryptoError::Open)?.len();
        text.truncate(length);
        Ok(text)
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_at_its_place_under_its_key_and_whole() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(b"client secret", "key#a").unwrap();
        assert_eq!(key.open(&sealed, "key#a").unwrap().as_slice(), b"client secret");
        assert_eq!(key.open(&sealed, "key#b").unwrap_err(), CryptoError::Open);
        assert_eq!(DataKey::new(&[8; 32]).unwrap().open(&sealed, "key#a").unwrap_err(), CryptoError::Open);
        for at in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[at] ^= 1;
            assert_eq!(key.open(&changed, "key#a").unwrap_err(), CryptoError::Open, "bit in byte {at}");
            let cut = Sealed(sealed.0[..at].to_vec());
            assert_eq!(key.open(&cut, "key#a").unwrap_err(), CryptoError::Open, "cut at {at}");
        }
    }

    #[test]
    fn v6_a_keyed_hash_depends_on_key_label_and_each_part() {
        let (key, other) = (DataKey::new(&[7; 32]).unwrap(), DataKey::new(&[8; 32]).unwrap());
        let hash = key.keyed_hash("user", &["a", "bc"]);
        assert_eq!(hash, key.keyed_hash("user", &["a", "bc"]));
        assert_eq!(hash.len(), 26);
        for (case, differs) in [
            ("key", other.keyed_hash("user", &["a", "bc"])),
            ("label", key.keyed_hash("device", &["a", "bc"])),
            ("split", key.keyed_hash("user", &["ab", "c"])),
            ("count", key.keyed_hash("user", &["a", "bc", ""])),
        ] {
            assert_ne!(hash, differs, "{case}");
        }
    }

    #[test]
    fn the_same_value_never_seals_alike() {
        let key = DataKey::new(&[7; 32]).unwrap();
        assert_ne!(key.seal(b"x", "p").unwrap(), key.seal(b"x", "p").unwrap());
    }

    #[test]
    fn a_data_key_has_32_bytes_and_shows_only_its_fingerprint() {
        assert_eq!(DataKey::new(&[0; 31]).unwrap_err(), CryptoError::Key);
        let key = DataKey::new(&[7; 32]).unwrap();
        assert_ne!(key.fingerprint(), DataKey::new(&[8; 32]).unwrap().fingerprint());
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
