//! Sealing: AES-256-GCM under the deployment's data key, bound to the item in which the value is stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{CryptoError, digest_hex, random};

/// The first byte of a sealed value: the version of its layout. A random 96-bit nonce, the ciphertext and the tag
/// follow.
const LAYOUT: u8 = 1;

/// An encrypted value. Only the data key opens it, and only at the place for which it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(#[serde(with = "serde_bytes")] Vec<u8>);

/// The deployment's data key. Random nonces are safe for 2³² seals under one key (NIST SP 800-38D, 8.3). A deployment
/// makes a few thousand.
pub struct DataKey {
    encryption_key: LessSafeKey,
    hash_key: hmac::Key,
    fingerprint: String,
}

impl DataKey {
    /// Builds the key from its 32 bytes.
    ///
    /// # Errors
    /// [`CryptoError::Key`] if `bytes` are not 32.
    pub fn new(bytes: &[u8]) -> Result<Self, CryptoError> {
        let encryption_key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| CryptoError::Key)?;
        let labelled = Zeroizing::new([b"tokenbooth data key fingerprint\0", bytes].concat());
        let mut fingerprint = digest_hex(&labelled);
        fingerprint.truncate(16);
        let derived = Salt::new(HKDF_SHA256, b"tokenbooth").extract(bytes);
        let hash_key = derived.expand(&[b"keyed hash"], HMAC_SHA256).map_err(|_| CryptoError::Key)?;
        Ok(Self { encryption_key: LessSafeKey::new(encryption_key), hash_key: hash_key.into(), fingerprint })
    }

    /// Computes a keyed hash of `parts` for the purpose `label`: 128 bits in lower-case base32 (V6).
    ///
    /// Equal parts give equal hashes. Without the data key, a hash reveals nothing about its parts. The hash key is
    /// derived from the data key by HKDF (RFC 5869). Each part is hashed with its length, so different lists of parts
    /// never have the same input.
    #[must_use]
    pub fn keyed_hash(&self, label: &str, parts: &[&str]) -> String {
        let mut hash = hmac::Context::with_key(&self.hash_key);
        for part in std::iter::once(&label).chain(parts) {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = BASE32_NOPAD.encode(hash.sign().as_ref().first_chunk::<16>().unwrap_or(&[0; 16]));
        text.make_ascii_lowercase();
        text
    }

    /// Generates 32 random bytes for a new data key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate() -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        Ok(Zeroizing::new(random()?))
    }

    /// The first 64 bits of a labelled hash of the key. It shows whether a table was made with this key.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Encrypts `plain` for `place`, the key of the item in which the value is stored.
    ///
    /// # Errors
    /// [`CryptoError::Random`], [`CryptoError::Seal`].
    pub fn seal(&self, plain: &[u8], place: &str) -> Result<Sealed, CryptoError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = self
            .encryption_key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text)
            .map_err(|_| CryptoError::Seal)?;
        Ok(Sealed([&[LAYOUT], &nonce[..], &text, tag.as_ref()].concat()))
    }

    /// Decrypts a value that was sealed for `place`.
    ///
    /// # Errors
    /// [`CryptoError::Open`] for every reason: wrong data key, wrong place, or damaged value.
    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Some((&LAYOUT, rest)) = sealed.0.split_first() else { return Err(CryptoError::Open) };
        let (nonce_bytes, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(CryptoError::Open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce_bytes).map_err(|_| CryptoError::Open)?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        let length = self
            .encryption_key
            .open_in_place(nonce, Aad::from(place), &mut plain)
            .map_err(|_| CryptoError::Open)?
            .len();
        plain.truncate(length);
        Ok(plain)
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
    fn a_sealed_value_opens_only_unchanged_under_its_key_and_at_its_place() {
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
    fn the_same_value_is_sealed_differently_each_time() {
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
