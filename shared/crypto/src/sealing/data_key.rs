//! One data key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::sealing::sealed::{KEY_ID_LENGTH, KeyId, Parts, Sealed};
use crate::{CryptoError, random};

/// A data key of a deployment. Random nonces are safe for 2³² seals under one key (NIST SP 800-38D, 8.3). A deployment
/// seals each secret once, and each response to a request with an idempotency key.
pub struct DataKey {
    encryption_key: LessSafeKey,
    pub(super) id: KeyId,
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
        let hash = digest(&SHA256, &labelled);
        let id = *hash.as_ref().first_chunk::<KEY_ID_LENGTH>().ok_or(CryptoError::Key)?;
        Ok(Self { encryption_key: LessSafeKey::new(encryption_key), id, fingerprint: HEXLOWER.encode(&id) })
    }

    /// Generates 32 random bytes for a new data key.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn generate() -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        Ok(Zeroizing::new(random()?))
    }

    /// The first 64 bits of a labelled hash of the key, in hex. A table names its data keys by it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Encrypts `plain` for `place`. With `names_key`, the value contains the id of this key.
    pub(super) fn seal(&self, plain: &[u8], place: &str, names_key: bool) -> Result<Sealed, CryptoError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = self
            .encryption_key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text)
            .map_err(|_| CryptoError::Seal)?;
        Ok(Sealed::new(names_key.then_some(&self.id), &nonce, &text, tag.as_ref()))
    }

    /// Decrypts the ciphertext of a value that was sealed for `place`.
    pub(super) fn open(&self, parts: &Parts<'_>, place: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut plain = Zeroizing::new(parts.ciphertext.to_vec());
        let length = self
            .encryption_key
            .open_in_place(Nonce::assume_unique_for_key(parts.nonce), Aad::from(place), &mut plain)
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
    fn a_data_key_has_32_bytes_and_shows_only_its_fingerprint() {
        assert_eq!(DataKey::new(&[0; 31]).unwrap_err(), CryptoError::Key);
        let key = DataKey::new(&[7; 32]).unwrap();
        assert_eq!(key.fingerprint(), "4a50d93a4d20d9ec");
        assert_ne!(key.fingerprint(), DataKey::new(&[8; 32]).unwrap().fingerprint());
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
