//! AES-GCM. The token is a random IV, the ciphertext, and the tag (X9; NIST SP 800-38D).

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::xdoc::decrypted::{DecryptedToken, DecryptionFaults, WorkCount};
use crate::{CryptoError, KeyBits, TokenKey, random};

/// Length of the tag in bytes.
pub(crate) const TAG_BYTES: usize = 16;
/// Length of IV and tag: no token is shorter.
const MIN_BYTES: usize = NONCE_LEN + TAG_BYTES;

/// A GCM key. Random IVs are safe for 2³² tokens under one key (NIST SP 800-38D, 8.3).
pub(crate) struct Gcm(LessSafeKey);

/// The result of encryption.
pub(crate) struct Encrypted {
    pub(crate) iv: [u8; NONCE_LEN],
    pub(crate) text: Vec<u8>,
    pub(crate) tag: [u8; TAG_BYTES],
}

impl Gcm {
    pub(crate) fn new(key: &TokenKey, bits: KeyBits) -> Result<Self, CryptoError> {
        let algorithm = match bits {
            KeyBits::Aes128 => &AES_128_GCM,
            KeyBits::Aes192 => &AES_192_GCM,
            KeyBits::Aes256 => &AES_256_GCM,
        };
        let unbound = UnboundKey::new(algorithm, key.reveal()).map_err(|_| CryptoError::Key)?;
        Ok(Self(LessSafeKey::new(unbound)))
    }

    pub(crate) fn seal(&self, plain: &[u8]) -> Result<String, CryptoError> {
        let Encrypted { iv, text, tag } = self.encrypt(plain, b"")?;
        Ok(BASE64.encode(&[&iv[..], &text, &tag].concat()))
    }

    pub(crate) fn open(&self, text: &str) -> DecryptedToken {
        let (mut faults, mut work) = (DecryptionFaults::default(), WorkCount::default());
        let decoded = BASE64.decode(text.as_bytes());
        work.add(text.len());
        faults.add_if(DecryptionFaults::BASE64, decoded.is_err());
        let characters = text.trim_end_matches('=').len();
        let mut bytes = decoded.unwrap_or_else(|_| vec![0; characters * 3 / 4]);
        faults.add_if(DecryptionFaults::LENGTH, bytes.len() < MIN_BYTES);
        bytes.resize(bytes.len().max(MIN_BYTES), 0);
        let (iv, ciphertext) = bytes.split_at_checked(NONCE_LEN).unwrap_or_default();
        self.decrypt(iv, b"", ciphertext, (faults, work))
    }

    /// Encrypts `plain` with a new random IV and authenticates `aad` with it.
    pub(crate) fn encrypt(&self, plain: &[u8], aad: &[u8]) -> Result<Encrypted, CryptoError> {
        let iv = random::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(plain.to_vec());
        let computed = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut text)
            .map_err(|_| CryptoError::Seal)?;
        let tag = computed.as_ref().try_into().map_err(|_| CryptoError::Seal)?;
        Ok(Encrypted { iv, text: std::mem::take(&mut *text), tag })
    }

    /// Decrypts ciphertext with tag. If the tag does not match, the plaintext is zeros of the same size.
    pub(crate) fn decrypt(
        &self,
        iv: &[u8],
        aad: &[u8],
        text: &[u8],
        (mut faults, mut work): (DecryptionFaults, WorkCount),
    ) -> DecryptedToken {
        let length = text.len().saturating_sub(TAG_BYTES);
        let mut plain = Zeroizing::new(text.to_vec());
        let opens = Nonce::try_assume_unique_for_key(iv)
            .and_then(|iv| self.0.open_in_place(iv, Aad::from(aad), &mut plain).map(drop))
            .is_ok();
        work.add(aad.len() + text.len());
        faults.add_if(DecryptionFaults::AUTHENTICATION, !opens);
        plain.truncate(length);
        DecryptedToken { plain, length, faults, work }
    }
}
