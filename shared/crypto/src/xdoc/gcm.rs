//! AES-GCM with a random IV in front and the tag behind (X9; NIST SP 800-38D).

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::xdoc::decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
use crate::{CryptoError, KeyBits, TokenKey, random};

/// Bytes of the tag.
pub(crate) const TAG: usize = 16;
/// IV and tag: no token is shorter.
const SHORTEST: usize = NONCE_LEN + TAG;

/// A key for GCM. Random IVs are safe for 2³² tokens under one key (NIST SP 800-38D, 8.3).
pub(crate) struct Gcm(LessSafeKey);

/// What GCM makes of a plaintext.
pub(crate) struct Encrypted {
    pub(crate) iv: [u8; NONCE_LEN],
    pub(crate) text: Vec<u8>,
    pub(crate) tag: [u8; TAG],
}

impl Gcm {
    pub(crate) fn new(key: &TokenKey, bits: KeyBits) -> Result<Self, CryptoError> {
        let algorithm = match bits {
            KeyBits::Aes128 => &AES_128_GCM,
            KeyBits::Aes192 => &AES_192_GCM,
            KeyBits::Aes256 => &AES_256_GCM,
        };
        let key = UnboundKey::new(algorithm, key.reveal()).map_err(|_| CryptoError::Key)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    pub(crate) fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        let Encrypted { iv, text, tag } = self.encrypt(plain, b"")?;
        Ok(BASE64.encode(&[&iv[..], &text, &tag].concat()))
    }

    pub(crate) fn open(&self, text: &str) -> DecryptedToken {
        let (mut faults, mut work) = (DecryptionFaults::default(), WorkCount::default());
        let decoded = BASE64.decode(text.as_bytes());
        work.add(text.len());
        faults.note(DecryptionFaults::BASE64, decoded.is_err());
        let signs = text.trim_end_matches('=').len();
        let mut bytes = decoded.unwrap_or_else(|_| vec![0; signs * 3 / 4]);
        faults.note(DecryptionFaults::LENGTH, bytes.len() < SHORTEST);
        bytes.resize(bytes.len().max(SHORTEST), 0);
        let (iv, text) = bytes.split_at_checked(NONCE_LEN).unwrap_or_default();
        self.decrypt(iv, b"", text, (faults, work))
    }

    /// Encrypts `plain` under a new random IV, bound to `aad`.
    pub(crate) fn encrypt(&self, plain: &[u8], aad: &[u8]) -> Result<Encrypted, CryptoError> {
        let iv = random::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut text)
            .map_err(|_| CryptoError::Seal)?;
        let tag = tag.as_ref().try_into().map_err(|_| CryptoError::Seal)?;
        Ok(Encrypted { iv, text: std::mem::take(&mut *text), tag })
    }

    /// Opens ciphertext and tag. What does not open is replaced by zeros of its size.
    pub(crate) fn decrypt(
        &self,
        iv: &[u8],
        aad: &[u8],
        text: &[u8],
        (mut faults, mut work): (DecryptionFaults, WorkCount),
    ) -> DecryptedToken {
        let length = text.len().saturating_sub(TAG);
        let mut plain = Zeroizing::new(text.to_vec());
        let opens = Nonce::try_assume_unique_for_key(iv)
            .and_then(|iv| self.0.open_in_place(iv, Aad::from(aad), &mut plain).map(drop))
            .is_ok();
        work.add(aad.len() + text.len());
        faults.note(DecryptionFaults::AUTHENTICATION, !opens);
        plain.truncate(length);
        DecryptedToken { plain, length, faults, work }
    }
}
