//! Sealing: AES-256-GCM under the deployment's data key, bound to the place where the value is stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
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
        Ok(Self { key: LessSafeKey::new(key), fingerprint })
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
